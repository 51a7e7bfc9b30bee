using System.Globalization;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Containers;

/// <summary>
/// How the limits of one command are held on this machine: by a control group where one can be had, else by limits of single processes
/// and users, which the holder sets. The difference is said in words.
/// </summary>
internal sealed class HeldLimits : IDisposable
{
    private readonly Limits _limits;
    private readonly ControlGroup? _group;

    private HeldLimits(Limits limits, ControlGroup? group) => (_limits, _group) = (limits, group);

    /// <summary>What the holder has to do.</summary>
    internal LimitRequest Request => new(
        _group is not { HoldsMemory: true } ? _limits.Memory ?? 0 : 0,
        _group is not { HoldsProcesses: true } ? _limits.Processes ?? 0 : 0,
        _group is not { HoldsProcessors: true } ? (int)Math.Ceiling(_limits.Processors ?? 0) : 0,
        _group is not null);

    /// <summary>Finds out what can be had here. Nothing is tried where there is nothing to hold.</summary>
    internal static HeldLimits For(Limits limits)
    {
        var isSome = limits.Memory is not null || limits.Processes is not null || limits.Processors is not null;
        return new(limits, isSome && ControlGroup.FindSelf() is { } self ? ControlGroup.TryMake(limits, "/sys/fs/cgroup", self) : null);
    }

    /// <summary>The same with a group, or without.</summary>
    internal static HeldLimits With(Limits limits, ControlGroup? group) => new(limits, group);

    /// <summary>The descriptor for <see cref="LimitRequest.Group"/>, or null.</summary>
    internal FileStream? OpenGroup() => _group?.OpenMembers();

    /// <summary>What the command ran into, in words, or an empty text. Only a group counts.</summary>
    internal string Reached() => _group?.Reached() ?? "";

    /// <summary>What holds which limit, for the log; empty when there is none.</summary>
    public override string ToString()
    {
        var words = new List<string>();
        if (_limits.Memory is { } memory)
        {
            words.Add($"{Limits.SizeText(memory)} of memory {(_group is { HoldsMemory: true } ? "in all (cgroup)" : "for each process (rlimit)")}");
        }

        if (_limits.Processes is { } processes)
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"{processes} processes {(_group is { HoldsProcesses: true } ? "in all (cgroup)" : "of each user inside (rlimit)")}"));
        }

        if (_limits.Processors is { } processors)
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"{(_group is { HoldsProcessors: true } ? processors : Math.Ceiling(processors))} processors {(_group is { HoldsProcessors: true } ? "(cgroup)" : "(affinity, which a program may leave)")}"));
        }

        if (_limits.Time is { } time)
        {
            words.Add(Limits.TimeText(time));
        }

        return words.Count is 0 ? "" : $"limits: {string.Join(", ", words)}";
    }

    public void Dispose() => _group?.Dispose();
}
