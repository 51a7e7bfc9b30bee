namespace DotnetRelease.Images;

/// <summary>A file or link in an archive of images.</summary>
/// <param name="Name">Without <c>./</c> in front; no part of it is empty, <c>.</c> or <c>..</c>.</param>
/// <param name="Size">Bytes of its content; 0 for a link.</param>
internal sealed record ArchiveEntry(string Name, long Size)
{
    /// <summary>The name that a link stands for; null for a file.</summary>
    internal string? Target { get; init; }

    /// <summary>The first bytes of a file, which tell how it is packed.</summary>
    internal byte[] Start { get; init; } = [];

    /// <summary>How the file is packed.</summary>
    internal LayerCompression Compression => Packing.Of(Start);

    /// <summary>Whether it may be one of the documents of an image, all of which are JSON objects or arrays.</summary>
    internal bool LooksLikeJson => Start.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];
}
