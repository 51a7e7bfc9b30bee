using System.Globalization;
using System.Runtime.InteropServices;

namespace DotnetRelease.Containers;

/// <summary>
/// A control group (cgroup v2) of our own for one command, where this user may make one: as root, or in a part of the tree that systemd
/// has delegated. What it limits counts for all processes of the command together. It is gone with this object.
/// </summary>
internal sealed partial class ControlGroup : IDisposable
{
    private const string NamePrefix = "dotnet-release-";

    /// <summary>How <see cref="Reached"/> begins.</summary>
    internal const string BeyondLimits = "limit reached";

    private static int _made;

    private readonly string _folder;

    private ControlGroup(string folder) => _folder = folder;

    /// <summary>Whether the memory of all processes together is held.</summary>
    internal bool HoldsMemory { get; private set; }

    /// <summary>Whether the number of all processes together is held.</summary>
    internal bool HoldsProcesses { get; private set; }

    /// <summary>Whether the time on processors is held.</summary>
    internal bool HoldsProcessors { get; private set; }

    /// <summary>Makes one that holds as many of the limits as it can, or null when it could hold none.</summary>
    /// <param name="limits">What to hold.</param>
    /// <param name="mount">Where cgroup v2 is mounted.</param>
    /// <param name="self">Path of our own group, from the mount on.</param>
    internal static ControlGroup? TryMake(Limits limits, string mount, string self)
    {
        // Beside our own group first: one with processes in it, as our own is, cannot hand controllers down.
        var own = mount + self.TrimEnd('/');
        string[] parents = own == mount ? [own] : [Path.GetDirectoryName(own)!, own];
        foreach (var parent in parents)
        {
            if (TryMakeIn(parent, limits) is { } group)
            {
                return group;
            }
        }

        return null;
    }

    /// <summary>Path of this process's own group in cgroup v2, or null where the machine has version 1.</summary>
    internal static string? FindSelf()
    {
        const string key = "0::";
        return File.Exists("/sys/fs/cgroup/cgroup.controllers") && File.Exists("/proc/self/cgroup")
            ? File.ReadLines("/proc/self/cgroup").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?[key.Length..]
            : null;
    }

    /// <summary>Opened here, because the kernel asks who opened it when a process is moved; the holder writes to it.</summary>
    internal FileStream OpenMembers() => new(Path.Combine(_folder, "cgroup.procs"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);

    /// <summary>What the command ran into, in words, or an empty text.</summary>
    internal string Reached()
    {
        var memory = HoldsMemory ? Count("memory.events", "oom_kill") : 0;
        var processes = HoldsProcesses ? Count("pids.events", "max") : 0;
        return (memory, processes) switch
        {
            ( > 0, _) => string.Create(CultureInfo.InvariantCulture, $"{BeyondLimits}: memory was used up {memory} times, and the kernel ended the command"),
            (_, > 0) => string.Create(CultureInfo.InvariantCulture, $"{BeyondLimits}: {processes} processes could not be started"),
            _ => "",
        };
    }

    public void Dispose() => Remove(_folder);

    private static ControlGroup? TryMakeIn(string parent, Limits limits)
    {
        const int mayWrite = 2;
        if (access(Path.Combine(parent, "cgroup.procs"), mayWrite) < 0)
        {
            return null;
        }

        try
        {
            RemoveDead(parent);
            var group = new ControlGroup(Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"{NamePrefix}{Environment.ProcessId}-{Interlocked.Increment(ref _made)}")));
            Directory.CreateDirectory(group._folder);
            group.Hold(limits, HandedDown(parent, limits));
            if (group.HoldsMemory || group.HoldsProcesses || group.HoldsProcessors)
            {
                return group;
            }

            group.Dispose();
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // Not ours to use; what else there is holds the limits.
        }

        return null;
    }

    /// <summary>The controllers that a group in <paramref name="parent"/> has, after those that we want were asked for.</summary>
    private static string[] HandedDown(string parent, Limits limits)
    {
        var control = Path.Combine(parent, "cgroup.subtree_control");
        string[] wanted = [.. limits.Memory is null ? [] : Of("memory"), .. limits.Processes is null ? [] : Of("pids"), .. limits.Processors is null ? [] : Of("cpu")];
        foreach (var controller in wanted)
        {
            try
            {
                if (!File.ReadAllText(control).Split().Contains(controller, StringComparer.Ordinal))
                {
                    File.AppendAllText(control, $"+{controller}\n");
                }
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
            {
                // It is not ours to hand down.
            }
        }

        return File.ReadAllText(control).Split();

        static string[] Of(string controller) => [controller];
    }

    private void Hold(Limits limits, string[] controllers)
    {
        const int period = 100_000;
        if (limits.Memory is { } memory && controllers.Contains("memory", StringComparer.Ordinal))
        {
            Write("memory.max", memory);
            Write("memory.oom.group", 1);
            HoldsMemory = true;
            if (File.Exists(Path.Combine(_folder, "memory.swap.max")))
            {
                Write("memory.swap.max", 0);
            }
        }

        if (limits.Processes is { } processes && controllers.Contains("pids", StringComparer.Ordinal))
        {
            Write("pids.max", processes);
            HoldsProcesses = true;
        }

        if (limits.Processors is { } processors && controllers.Contains("cpu", StringComparer.Ordinal))
        {
            File.WriteAllText(Path.Combine(_folder, "cpu.max"), string.Create(CultureInfo.InvariantCulture, $"{(long)(processors * period)} {period}\n"));
            HoldsProcessors = true;
        }
    }

    private void Write(string file, long value) => File.WriteAllText(Path.Combine(_folder, file), string.Create(CultureInfo.InvariantCulture, $"{value}\n"));

    private long Count(string file, string key)
    {
        var path = Path.Combine(_folder, file);
        var line = File.Exists(path) ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(key + " ", StringComparison.Ordinal)) : null;
        return line is not null && long.TryParse(line[(key.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
    }

    /// <summary>A killed run leaves an empty group behind.</summary>
    private static void RemoveDead(string parent)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, NamePrefix + "*"))
        {
            if (Path.GetFileName(folder)[NamePrefix.Length..].Split('-') is [var pid, _] && !Directory.Exists($"/proc/{pid}"))
            {
                Remove(folder);
            }
        }
    }

    /// <summary>The files of a group are the kernel's: only the folder can be removed, and only when no process is in it.</summary>
    private static void Remove(string folder) => _ = rmdir(folder);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int access(string path, int mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rmdir(string path);
}
