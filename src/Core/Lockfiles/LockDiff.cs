using System.Collections.Immutable;

namespace DotnetRelease.Lockfiles;

/// <summary>What is different between two states of a lockfile. Same inputs, same changes, same order.</summary>
/// <param name="Changes">By name. A package whose versions, files and source are the same is not among them.</param>
/// <param name="Alarms">What a person should look at before anything is built from the newer lock: of the whole lock, then by package.</param>
public sealed record LockDiff(ImmutableArray<LockChange> Changes, ImmutableArray<Alarm> Alarms)
{
    /// <summary>What the newer lock itself gives cause to say, one sentence each with its place.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Alarms and notes, one sentence each.</summary>
    public ImmutableArray<string> Warnings => [.. Alarms.Select(alarm => alarm.Sentence), .. Notes];

    /// <summary>Compares two states; null stands for a lock that does not exist.</summary>
    public static LockDiff Compare(Lockfile? before, Lockfile? after)
    {
        var alarms = ImmutableArray.CreateBuilder<Alarm>();
        alarms.AddRange(LockAlarms.OfFormats(before, after));
        var changes = ImmutableArray.CreateBuilder<LockChange>();
        var sameFormat = string.Equals(before?.Format, after?.Format, StringComparison.Ordinal);
        var ecosystem = (after ?? before)?.Ecosystem ?? Ecosystem.Python;
        foreach (var name in Sides(before, after))
        {
            if (name.IsSame)
            {
                continue;
            }

            var change = LockChange.Between(name, ecosystem);
            var raised = alarms.Count;
            alarms.AddRange(LockAlarms.Of(name, change, sameFormat));
            if (!change.IsEmpty || alarms.Count > raised)
            {
                changes.Add(change);
            }
        }

        return new(changes.DrainToImmutable(), alarms.DrainToImmutable()) { Notes = after?.Warnings ?? [] };
    }

    /// <summary>The packages of both states by name, in the order of names.</summary>
    private static List<LockSides> Sides(Lockfile? before, Lockfile? after)
    {
        var byName = new Dictionary<string, LockSides>(StringComparer.Ordinal);
        foreach (var package in before?.Packages ?? [])
        {
            Of(byName, package.Name).Old.Add(package);
        }

        foreach (var package in after?.Packages ?? [])
        {
            Of(byName, package.Name).New.Add(package);
        }

        var sides = new List<LockSides>(byName.Values);
        sides.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return sides;
    }

    private static LockSides Of(Dictionary<string, LockSides> byName, string name)
    {
        if (!byName.TryGetValue(name, out var sides))
        {
            byName.Add(name, sides = new(name));
        }

        return sides;
    }
}
