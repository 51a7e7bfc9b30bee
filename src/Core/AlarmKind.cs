using System.Collections.Immutable;

namespace DotnetRelease;

/// <summary>
/// One thing about a lock or a built package that a person has to see. The ids are of the same kind as those of faults, and none is ever used again;
/// <c>docs/alarms.md</c> has one paragraph for each.
/// </summary>
/// <param name="Id"><c>REL11nn</c> about locks, <c>REL32nn</c> about built packages.</param>
/// <param name="Severity">Whether something may be built before somebody has accepted it.</param>
/// <param name="Title">What it is, in a few words.</param>
public sealed record AlarmKind(string Id, AlarmSeverity Severity, string Title)
{
#pragma warning disable CS1591 // The title and docs/alarms.md say it; a comment would say it a third time.
    public static readonly AlarmKind FileRehashed = new("REL1101", AlarmSeverity.Error, "the same file with another digest");
    public static readonly AlarmKind DigestsGone = new("REL1102", AlarmSeverity.Error, "a package without any digest that had digests");
    public static readonly AlarmKind FilesGone = new("REL1103", AlarmSeverity.Warning, "the same version with fewer files");
    public static readonly AlarmKind DigestWeaker = new("REL1104", AlarmSeverity.Error, "a weaker kind of digest");
    public static readonly AlarmKind SourceLeftIndex = new("REL1105", AlarmSeverity.Error, "no longer from an index");
    public static readonly AlarmKind SourceMoved = new("REL1106", AlarmSeverity.Warning, "from another place");
    public static readonly AlarmKind Downgrade = new("REL1107", AlarmSeverity.Warning, "an older version");
    public static readonly AlarmKind LockOlder = new("REL1108", AlarmSeverity.Warning, "written by an older tool");
    public static readonly AlarmKind FormatChanged = new("REL1109", AlarmSeverity.Warning, "another format");
    public static readonly AlarmKind FamilyApart = new("REL1110", AlarmSeverity.Error, "a family that is out of step");
    public static readonly AlarmKind WheelMissing = new("REL1111", AlarmSeverity.Error, "no wheel for a target's machine");
    public static readonly AlarmKind WheelTooNew = new("REL1112", AlarmSeverity.Error, "no wheel that a target can run");
    public static readonly AlarmKind TooYoung = new("REL1113", AlarmSeverity.Error, "a version that is younger than the cooldown");
    public static readonly AlarmKind AgeUnknown = new("REL1114", AlarmSeverity.Warning, "a version of unknown age");
    public static readonly AlarmKind AcceptanceUnused = new("REL1115", AlarmSeverity.Warning, "an acceptance without an alarm");
    public static readonly AlarmKind DistDiffers = new("REL3201", AlarmSeverity.Error, "the release of another distro");
    public static readonly AlarmKind FileClosed = new("REL3202", AlarmSeverity.Error, "a file that only root can read");
    public static readonly AlarmKind FileOpen = new("REL3203", AlarmSeverity.Error, "a file that everybody can change");
    public static readonly AlarmKind FileSetuid = new("REL3204", AlarmSeverity.Error, "a program that runs as its owner");
    public static readonly AlarmKind FolderForeign = new("REL3205", AlarmSeverity.Error, "a folder of the system");
    public static readonly AlarmKind BuildPath = new("REL3206", AlarmSeverity.Error, "a path of the build");
    public static readonly AlarmKind ChangelogUnreal = new("REL3207", AlarmSeverity.Warning, "a change log that nobody wrote");
    public static readonly AlarmKind BuildRootInside = new("REL3208", AlarmSeverity.Error, "the build root inside a file");
    public static readonly AlarmKind BuildFolderInside = new("REL3209", AlarmSeverity.Warning, "the build folder inside a file");
    public static readonly AlarmKind MachineForeign = new("REL3210", AlarmSeverity.Error, "a program of another machine");
    public static readonly AlarmKind MachineNoarch = new("REL3211", AlarmSeverity.Error, "a program in a package for every machine");
    public static readonly AlarmKind LibraryPathAstray = new("REL3212", AlarmSeverity.Error, "libraries from a folder of nobody");
    public static readonly AlarmKind ContentsUnread = new("REL3213", AlarmSeverity.Warning, "contents that nobody looked into");
    public static readonly AlarmKind RequirementAdded = new("REL3214", AlarmSeverity.Warning, "a requirement that was not there");
    public static readonly AlarmKind RequirementRemoved = new("REL3215", AlarmSeverity.Warning, "a requirement that is gone");
    public static readonly AlarmKind RequirementBounded = new("REL3216", AlarmSeverity.Warning, "a requirement with a new upper bound");
    public static readonly AlarmKind SizeMoved = new("REL3217", AlarmSeverity.Warning, "another size");
    public static readonly AlarmKind ProgramGone = new("REL3218", AlarmSeverity.Error, "a program that users had");
    public static readonly AlarmKind FilesLost = new("REL3219", AlarmSeverity.Warning, "files that users had");
    public static readonly AlarmKind VersionNotAbove = new("REL3220", AlarmSeverity.Warning, "a version that is no update");
    public static readonly AlarmKind FilesStay = new("REL3221", AlarmSeverity.Error, "files that stay after removal");
    public static readonly AlarmKind UsersStay = new("REL3222", AlarmSeverity.Warning, "users that stay after removal");
    public static readonly AlarmKind OthersChanged = new("REL3223", AlarmSeverity.Error, "files of others that were changed");
#pragma warning restore CS1591

    /// <summary>The whole catalogue, by id.</summary>
    public static ImmutableArray<AlarmKind> All { get; } =
    [
        FileRehashed, DigestsGone, FilesGone, DigestWeaker, SourceLeftIndex, SourceMoved, Downgrade, LockOlder, FormatChanged, FamilyApart, WheelMissing,
        WheelTooNew, TooYoung, AgeUnknown, AcceptanceUnused, DistDiffers, FileClosed, FileOpen, FileSetuid, FolderForeign, BuildPath, ChangelogUnreal,
        BuildRootInside, BuildFolderInside, MachineForeign, MachineNoarch, LibraryPathAstray, ContentsUnread,
        RequirementAdded, RequirementRemoved, RequirementBounded, SizeMoved, ProgramGone, FilesLost, VersionNotAbove,
        FilesStay, UsersStay, OthersChanged,
    ];

    /// <summary>Whether it is about a package that was built; a plan cannot raise it.</summary>
    public bool IsAboutBuild => string.CompareOrdinal(Id, "REL3200") > 0;

    /// <summary>Whether only some runs ask what it takes to raise it, so that not to see it means nothing.</summary>
    public bool IsAskedFor => this == TooYoung || this == AgeUnknown || IsAboutBuild;

    /// <summary>The word of the JSON document.</summary>
    public string SeverityWord => Severity is AlarmSeverity.Error ? "error" : "warning";
}

/// <summary>What an alarm means for a run.</summary>
public enum AlarmSeverity
{
    /// <summary>It is shown, and the run goes on.</summary>
    Warning,

    /// <summary>Nothing is planned, built or shipped, and no package is kept, until it is accepted in the settings.</summary>
    Error,
}
