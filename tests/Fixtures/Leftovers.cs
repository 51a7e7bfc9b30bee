using System.Diagnostics;

namespace DotnetRelease.Fixtures;

/// <summary>Folders that live as long as the test process, because several tests share what is in them.</summary>
internal static class Leftovers
{
    /// <summary>A short path, so that a GnuPG home and its sockets fit.</summary>
    internal static string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("dr-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(folder);
        return folder;
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(Path.Combine(folder, "private-keys-v1.d")))
        {
            using var kill = Process.Start("gpgconf", ["--homedir", folder, "--kill", "all"]);
            kill.WaitForExit(TimeSpan.FromSeconds(5));
        }

        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // The agent may still be removing its sockets.
        }
    }
}
