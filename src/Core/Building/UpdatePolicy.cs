using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>
/// What an update does to those who have the published package: what they will need besides, what may keep an update of the distro out, what
/// they lose. Sees headers; <c>rpm diff</c> shows every difference, this only what a person should have meant.
/// </summary>
/// <param name="published">What users have.</param>
/// <param name="built">What is to replace it.</param>
/// <param name="spec">Where the spec is.</param>
public sealed class UpdatePolicy(RpmPackage published, RpmPackage built, SourcePosition spec)
{
    /// <summary>A size that moves by less is a new version; percent of what is installed.</summary>
    public const int SizePercent = 25;

    /// <summary>A small package moves by half with one file.</summary>
    private const long SizeFloor = 64 * 1024;

    private const int Shown = 5;

    /// <summary>Where a name is typed, clicked or started by; each with what such a name ends in.</summary>
    private static readonly ImmutableArray<(string Folder, string Suffix)> Programs =
    [
        ("/usr/bin/", ""), ("/usr/sbin/", ""), ("/bin/", ""), ("/sbin/", ""), ("/usr/share/applications/", ".desktop"), ("/usr/lib/systemd/system/", ""),
        ("/usr/lib/systemd/user/", ""), ("/usr/share/dbus-1/services/", ".service"), ("/usr/share/dbus-1/system-services/", ".service"),
    ];

    /// <summary>Every path of the packages that come together: what moves from one to another is not lost.</summary>
    public FrozenSet<string> Siblings { get; init; } = [];

    /// <summary>Everything that a person should have meant.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: a header's lists do not fit together.</exception>
    public IEnumerable<Alarm> Alarms()
    {
        var differences = RpmDiff.Of(published, built).Differences;
        return AlarmCap.Of([.. OfVersion(differences), .. differences.Where(IsJudged).SelectMany(OfRequirement), .. OfSize(), .. OfFiles(differences)]);
    }

    private static bool IsJudged(RpmDifference one) => one.Area is RpmArea.Requires && !one.Name.StartsWith("rpmlib(", StringComparison.Ordinal);

    private IEnumerable<Alarm> OfVersion(ImmutableArray<RpmDifference> differences)
    {
        var order = Evr.Of(built.Nevra).CompareTo(Evr.Of(published.Nevra));
        if (order < 0)
        {
            yield return Alarm(AlarmKind.VersionNotAbove, null, "it is older, and nobody who has that one gets it. Raise the version, or the epoch of the spec.");
        }
        else if (order is 0 && !differences.IsEmpty)
        {
            yield return Alarm(AlarmKind.VersionNotAbove, null, $"it has the same version and other contents ({differences[0].Name}, …): nobody who has that one gets it, and 'publish' refuses it. Raise the release.");
        }
    }

    private IEnumerable<Alarm> OfRequirement(RpmDifference one)
    {
        if (one.IsNewUpperBound)
        {
            yield return Alarm(AlarmKind.RequirementBounded, one.Name, $"it requires {Say(one.Name, one.New)}, an upper bound that was not there. When the distro updates that, users get neither update, or dnf removes this package.");
        }
        else if (one.Kind is not "changed")
        {
            yield return one.Old is null
                ? Alarm(AlarmKind.RequirementAdded, one.Name, $"it requires {Say(one.Name, one.New)}, which was not required.")
                : Alarm(AlarmKind.RequirementRemoved, one.Name, $"it no longer requires {Say(one.Name, one.Old)}.");
        }
    }

    private static string Say(string name, string? condition) => condition switch
    {
        null or "any" => name,
        ['(', ..] => condition,
        _ => $"{name} {condition}",
    };

    private IEnumerable<Alarm> OfSize()
    {
        var (old, now) = ((long)published.InstalledSize, (long)built.InstalledSize);
        if (Math.Abs(now - old) > Math.Max(SizeFloor, old / 100 * SizePercent))
        {
            yield return Alarm(AlarmKind.SizeMoved, null, string.Create(CultureInfo.InvariantCulture, $"it takes {now:N0} bytes when it is installed, and that one {old:N0}."));
        }
    }

    private IEnumerable<Alarm> OfFiles(ImmutableArray<RpmDifference> differences)
    {
        var entries = published.Files.DistinctBy(file => file.Path, StringComparer.Ordinal).ToDictionary(file => file.Path, StringComparer.Ordinal);
        var lost = differences.Where(one => one is { Area: RpmArea.Files, New: null } && !Siblings.Contains(one.Name) && entries[one.Name] is { IsDirectory: false, IsGhost: false })
            .Select(one => one.Name)
            .Where(path => !path.EndsWith(".pyc", StringComparison.Ordinal) && !path.StartsWith("/usr/lib/.build-id/", StringComparison.Ordinal))
            .ToLookup(IsProgram);
        foreach (var program in lost[true])
        {
            yield return Alarm(AlarmKind.ProgramGone, program, $"'{program}' is gone, by which users and other packages may start something.");
        }

        if (lost[false].ToList() is [_, ..] files)
        {
            var text = files is [var only] ? $"'{only}' is gone." : $"{files.Count} files are gone: {string.Join(", ", files.Take(Shown))}{(files.Count > Shown ? ", …" : "")}";
            yield return Alarm(AlarmKind.FilesLost, files is [var single] ? single : null, text);
        }
    }

    private static bool IsProgram(string path) => Programs.Any(place =>
        path.StartsWith(place.Folder, StringComparison.Ordinal) && path.EndsWith(place.Suffix, StringComparison.Ordinal) && !path.AsSpan(place.Folder.Length).Contains('/'));

    private Alarm Alarm(AlarmKind kind, string? file, string text) =>
        new(kind, built.Nevra.Name, spec, $"{built.Nevra}, as an update of {published.Nevra}: {text}") { Version = built.Nevra.Version, File = file };
}
