using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Specs;

namespace DotnetRelease.Planning;

/// <summary>Which locked versions count for one RPM.</summary>
/// <param name="Version">Of the package that the RPM's version follows, as Python writes it; null when it follows none.</param>
/// <param name="Packages">The followed packages that are locked now.</param>
/// <param name="Reason">Why it is this version, where there was a choice.</param>
internal sealed record LockedChoice(LockedPackage? Version, ImmutableArray<FollowedPackage> Packages, string? Reason)
{
    /// <exception cref="ReleaseException"><see cref="Fault.PackageNotLocked"/> or <see cref="Fault.VersionAmbiguous"/>.</exception>
    public static LockedChoice Of(RpmSettings rpm, ImmutableArray<LockPair> locks)
    {
        if (rpm.VersionOf is null)
        {
            return new(null, [], null);
        }

        var all = Locked(locks, rpm.VersionOf);
        var main = all is [] ? throw NotLocked(rpm, rpm.VersionOf, locks) : Choose(rpm, all);
        var packages = ImmutableArray.CreateBuilder<FollowedPackage>();
        foreach (var name in rpm.Follows)
        {
            var old = locks.SelectMany(pair => pair.Old?.Packages ?? []).Where(package => package.Key == name).ToImmutableArray();
            switch (Locked(locks, name))
            {
                case [] when old is []:
                    throw NotLocked(rpm, name, locks);
                case { Count: > 0 } versions:
                    // A family in step: the one with the main version goes with it.
                    packages.Add(new(old, versions.Find(package => package.Version == main.Version) ?? Choose(rpm, versions)));
                    break;
            }
        }

        return new(main, packages.ToImmutable(), all.Count < 2 ? null
            : $"{all[0].Position.File}: of {rpm.VersionOf} {string.Join(" and ", all.Select(package => package.Version))} the {Word(rpm)} counts ('version-select')");
    }

    /// <summary>One package per version, ascending.</summary>
    private static List<LockedPackage> Locked(ImmutableArray<LockPair> locks, string name) =>
    [
        .. locks.SelectMany(pair => pair.New.Packages)
            .Where(package => package.Key == name)
            .GroupBy(package => package.Version, StringComparer.Ordinal)
            .Select(same => same.FirstOrDefault(package => !package.Files.IsEmpty) ?? same.First())
            .OrderBy(package => package.Version, PythonVersion.Order),
    ];

    private static LockedPackage Choose(RpmSettings rpm, List<LockedPackage> versions) => (versions, rpm.VersionSelect) switch
    {
        ([var only], _) => only,
        (_, VersionSelect.Highest) => versions[^1],
        (_, VersionSelect.Lowest) => versions[0],
        _ => throw Ambiguous(rpm, versions),
    };

    private static string Word(RpmSettings rpm) => rpm.VersionSelect is VersionSelect.Lowest ? "lowest" : "highest";

    private static ReleaseException Ambiguous(RpmSettings rpm, List<LockedPackage> versions)
    {
        var list = versions.Select(package =>
            $"{package.Version} at {package.Position}" + (package.Markers.IsEmpty ? "" : $" for {string.Join(" or ", package.Markers)}"));
        return new(Fault.VersionAmbiguous, $"{rpm.Name} follows {versions[0].Name}, of which several versions are locked: {string.Join("; ", list)}.", rpm.Position)
        {
            Remedy = "Say in this [[rpm]] which one counts: version-select = \"highest\" or version-select = \"lowest\".",
        };
    }

    private static ReleaseException NotLocked(RpmSettings rpm, string name, ImmutableArray<LockPair> locks)
    {
        var known = locks.SelectMany(pair => pair.New.Packages).Select(package => package.Name).Distinct(StringComparer.Ordinal);
        var files = string.Join(", ", locks.Select(pair => pair.New.Path));
        return new(Fault.PackageNotLocked, $"{rpm.Name} follows '{name}', which is not locked in {files}.", rpm.Position)
        {
            Remedy = Suggestion.For(name, known) is { } meant ? $"Did you mean '{meant}'?" : "Lock it, or take it out of 'follows'.",
        };
    }
}
