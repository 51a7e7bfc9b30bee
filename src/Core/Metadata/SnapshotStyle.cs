namespace DotnetRelease.Metadata;

/// <summary>How metadata files are compressed.</summary>
public enum MetadataCompression
{
    /// <summary>Every client reads it, and the same packages give the same bytes on every machine.</summary>
    Gzip,

    /// <summary>Smaller; dnf and zypper read it since about 2020. The bytes depend on the version of libzstd.</summary>
    Zstd,
}

/// <summary>What a repository wants of its metadata beyond the packages.</summary>
public sealed record SnapshotStyle
{
    /// <summary>How the files are compressed.</summary>
    public MetadataCompression Compression { get; init; }

    /// <summary>Whether notices are made from changelogs; null: unless another tool's updateinfo.xml is served, which stays then.</summary>
    public bool? Notices { get; init; }

    /// <summary>What the ids of notices start with.</summary>
    public string Project { get; init; } = "";

    /// <summary>The revision; null: it follows from the packages and from what is served.</summary>
    public long? Revision { get; init; }

    /// <summary>Whether an updateinfo.xml is to be made, when there is this one.</summary>
    internal bool MakesNotices(RepomdEntry? served) => Notices ?? (Project.Length > 0 && (served is null || IsOurs(served)));

    private static bool IsOurs(RepomdEntry served) => served.File.Location.Contains("-" + NoticeXml.Name, StringComparison.Ordinal);
}
