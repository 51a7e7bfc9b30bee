using System.Globalization;
using DotnetRelease.Containers.Wire;
using DotnetRelease.Processes;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Containers;

/// <summary>Writes the id maps of a new user namespace from outside: as root by hand, else through newuidmap, which checks our range.</summary>
internal static class IdMaps
{
    internal static void Write(IdMap map, int process)
    {
        if (map.Self is null)
        {
            WriteFile($"/proc/{process}/uid_map", map.UserLines());
            WriteFile($"/proc/{process}/gid_map", map.GroupLines());
            return;
        }

        // Both at once; each takes a few milliseconds.
        var users = Begin("newuidmap", process, map.UserLines());
        var groups = Begin("newgidmap", process, map.GroupLines());
        Finish("newuidmap", users);
        Finish("newgidmap", groups);
    }

    private static void WriteFile(string file, IEnumerable<string> lines)
    {
        try
        {
            // The kernel takes the whole map in one write, once.
            using var map = File.OpenHandle(file, FileMode.Open, FileAccess.Write);
            RandomAccess.Write(map, System.Text.Encoding.ASCII.GetBytes(string.Join('\n', lines) + "\n"), 0);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw Prerequisites.NamespacesBlocked($"writing the id map failed: {ex.Message}");
        }
    }

    private static (int Process, int Output) Begin(string program, int process, IEnumerable<string> lines)
    {
        var output = Native.AnonymousFile(program);
        using var nothing = File.OpenHandle("/dev/null");
        var path = Exec.Find(program) ?? throw new ReleaseException(Fault.IdRangeMissing, $"'{program}' is not installed.");
        var spawn = new Spawn(
            path,
            [process.ToString(CultureInfo.InvariantCulture), .. lines.SelectMany(line => line.Split(' '))],
            ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"],
            [new((int)nothing.DangerousGetHandle(), 0), new(output, 1), new(output, 2)]);
        return (spawn.Start(), output);
    }

    private static void Finish(string program, (int Process, int Output) started)
    {
        using var output = new FileStream(new SafeFileHandle(started.Output, ownsHandle: true), FileAccess.Read, 0);
        if (Native.Wait(started.Process) is 0)
        {
            return;
        }

        output.Position = 0;
        var words = new StreamReader(output).ReadToEnd().Trim().ReplaceLineEndings("; ");
        throw new ReleaseException(Fault.IdRangeMissing, $"{program} refused the container's ids: {words}. Nothing was downloaded.")
        {
            Remedy = "Check your ranges in /etc/subuid and /etc/subgid, and that newuidmap and newgidmap are setuid root or have their file capabilities.",
        };
    }
}
