namespace DotnetRelease.Sources;

/// <summary>One file that a page of the index offers.</summary>
/// <param name="File">Its name: the last segment of the URL, decoded once, or what the page calls it.</param>
/// <param name="Url">Where it is: absolute, without fragment.</param>
internal sealed record IndexLink(string File, Uri Url)
{
    /// <summary>The sha256 that the page gives, unchecked; only compared, never trusted.</summary>
    internal string? Sha256 { get; init; }

    /// <summary>Why it was withdrawn; empty when nobody says why, null when it was not.</summary>
    internal string? Yanked { get; init; }

    /// <summary>When it was uploaded (PEP 700); null when the page does not say.</summary>
    internal DateTimeOffset? UploadedAt { get; init; }
}

/// <summary>A page of the index: where it came from and what it offers.</summary>
/// <param name="Url">After redirects, or the page's file.</param>
/// <param name="Links">In the order of the page.</param>
internal sealed record IndexPage(Uri Url, IReadOnlyList<IndexLink> Links);
