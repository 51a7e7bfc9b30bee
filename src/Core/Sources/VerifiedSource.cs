namespace DotnetRelease.Sources;

/// <summary>A source on this machine whose bytes had the planned digest. Only <see cref="SourceFetcher"/> makes one.</summary>
public sealed record VerifiedSource
{
    internal VerifiedSource(string file, Digest digest, string path, long size) => (File, Digest, Path, Size) = (file, digest, path, size);

    /// <summary>The name that rpmbuild looks for; <see cref="Path"/> usually has another one.</summary>
    public string File { get; }

    /// <summary>Digest of its bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Where the bytes are: in the cache, or beside the spec. Never write to it.</summary>
    public string Path { get; }

    /// <summary>Number of its bytes.</summary>
    public long Size { get; }
}
