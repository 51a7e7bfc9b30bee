using System.Collections.Concurrent;
using System.Diagnostics;

namespace DotnetRelease.Fixtures;

/// <summary>Folders that live as long as a test run, because several tests share what is in them.</summary>
public static class Leftovers
{
    private static readonly ConcurrentBag<string> Folders = [];
    private static readonly ConcurrentBag<Func<Task>> First = [];

    /// <summary>Ends the agents and removes the folders. Each test assembly calls it at its end: a handler of ProcessExit is cut short by the test host.</summary>
    public static void Remove()
    {
        while (First.TryTake(out var first))
        {
            first().Wait(TimeSpan.FromMinutes(1));
        }

        while (Folders.TryTake(out var folder))
        {
            Remove(folder);
        }
    }

    /// <summary>A short path, so that a GnuPG home and its sockets fit.</summary>
    public static string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("dr-").FullName;
        Folders.Add(folder);
        return folder;
    }

    /// <summary>Does something before the folders are removed.</summary>
    public static void BeforeRemoval(Func<Task> action) => First.Add(action);

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
