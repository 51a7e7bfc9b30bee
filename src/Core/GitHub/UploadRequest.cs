using System.Collections.Immutable;

namespace DotnetRelease.GitHub;

/// <summary>What goes into which release.</summary>
/// <param name="Release">By its id.</param>
/// <param name="Files">Each name once.</param>
public sealed record UploadRequest(Release Release, ImmutableArray<AssetFile> Files)
{
    /// <summary>Remove complete assets with other bytes first.</summary>
    public bool Replace { get; init; }

    /// <summary>Shown instead of the names.</summary>
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    internal string? LabelOf(AssetFile file) => Labels.GetValueOrDefault(file.Name);
}

/// <summary>How a file compares with the release.</summary>
public enum AssetState
{
    /// <summary>The release has no asset of this name.</summary>
    Missing,

    /// <summary>A failed upload left an empty place.</summary>
    LeftOver,

    /// <summary>Size and digest are equal.</summary>
    Same,

    /// <summary>A complete asset has other bytes.</summary>
    Different,
}

/// <summary>What an upload did.</summary>
public enum AssetChange
{
    /// <summary>It was there already.</summary>
    None,

    /// <summary>It was sent.</summary>
    Uploaded,

    /// <summary>It was sent in place of one with other bytes.</summary>
    Replaced,
}

/// <summary>One asset that the server has as it is here.</summary>
/// <param name="File">As it is here.</param>
/// <param name="Id">The server's number.</param>
/// <param name="Change">What was done.</param>
public sealed record AssetReceipt(AssetFile File, long Id, AssetChange Change);

/// <summary>Proof that a release has all the files, by the server's own list.</summary>
/// <param name="Release">Id.</param>
/// <param name="Assets">In the order of the request.</param>
public sealed record UploadReceipt(long Release, ImmutableArray<AssetReceipt> Assets);
