using DotnetRelease.Storage;

namespace DotnetRelease.Sources;

/// <summary>A source on this machine whose bytes had the planned digest. Only <see cref="SourceFetcher"/> makes one.</summary>
public sealed record VerifiedSource
{
    /// <summary><see cref="From"/> of what an earlier run fetched.</summary>
    public const string Cache = "cache";

    /// <summary><see cref="From"/> of what the repository has.</summary>
    public const string BesideTheSpec = "beside the spec";

    internal VerifiedSource(string file, CachedFile proven, string from) =>
        (File, Digest, Path, Size, From) = (file, proven.Digest, proven.Path, proven.Size, from);

    /// <summary>The name that rpmbuild looks for; <see cref="Path"/> usually has another one.</summary>
    public string File { get; }

    /// <summary>Digest of its bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Where the bytes are: in the cache, or beside the spec. Never write to it.</summary>
    public string Path { get; }

    /// <summary>Number of its bytes.</summary>
    public long Size { get; }

    /// <summary>What gave it: a URL, that of the mirror when it was one, a path, <see cref="Cache"/> or <see cref="BesideTheSpec"/>.</summary>
    public string From { get; }
}
