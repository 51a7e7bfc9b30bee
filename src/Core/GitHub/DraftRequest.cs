namespace DotnetRelease.GitHub;

/// <summary>The draft that a run wants.</summary>
/// <param name="Tag">What it is a release of.</param>
/// <param name="Commit">Full id of the commit that everything was made from.</param>
/// <param name="Plan">Digest of what is to be released.</param>
public sealed record DraftRequest(string Tag, string Commit, Digest Plan)
{
    /// <summary>The title.</summary>
    public string Name { get; init; } = Tag;

    /// <summary>The notes; null leaves those of a draft that is there.</summary>
    public string? Notes { get; init; }

    /// <summary>Not to be shown as the latest.</summary>
    public bool IsPrerelease { get; init; }

    internal ReleaseMarker Marker => new(Tag, Commit, Plan);

    /// <summary>The notes with the marker.</summary>
    internal string Body => Marker.AppendTo(Notes ?? "");
}

/// <summary>Where the release of a run comes from.</summary>
public enum DraftOrigin
{
    /// <summary>This run made it.</summary>
    Created,

    /// <summary>An earlier run of ours made it.</summary>
    Reused,

    /// <summary>A person made it; it has our marker now.</summary>
    Adopted,

    /// <summary>It is public already.</summary>
    Published,
}

/// <summary>Proof that there is exactly one release to fill.</summary>
/// <param name="Release">As it is now.</param>
/// <param name="Origin">Where it comes from.</param>
public sealed record DraftReceipt(Release Release, DraftOrigin Origin);
