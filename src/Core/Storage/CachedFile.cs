namespace DotnetRelease.Storage;

/// <summary>What bytes have to be to be taken in.</summary>
/// <param name="Digest">Their digest.</param>
/// <param name="Size">Their number, when known.</param>
public sealed record Expected(Digest Digest, long? Size = null);

/// <summary>What came when bytes were taken in.</summary>
/// <param name="Digest">Of all bytes; null when there were more than expected and the rest was not read.</param>
/// <param name="Size">Bytes that came, all that were read.</param>
public sealed record Intake(Digest? Digest, long Size)
{
    /// <summary>The entry; null when the bytes were not the expected ones, and then nothing was kept.</summary>
    public CachedFile? File { get; init; }
}

/// <summary>An entry of the cache. Holding one means that the bytes had the digest when they were last looked at.</summary>
public sealed record CachedFile
{
    internal CachedFile(string path, Digest digest, long size) => (Path, Digest, Size) = (path, digest, size);

    /// <summary>Where it is. Never write to it.</summary>
    public string Path { get; }

    /// <summary>Digest of its bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Number of its bytes.</summary>
    public long Size { get; }
}
