namespace DotnetRelease.Rpm;

/// <summary>Reads lead and headers from a file and leaves it at the start of the payload.</summary>
internal static class RpmReader
{
    /// <summary>Most headers fit into one read of this size.</summary>
    private const int BufferSize = 32 * 1024;
    private const int PaddingUnit = 8;

    internal static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be opened: {(Directory.Exists(path) ? "it is a folder." : ex.Message)}", inner: ex);
        }
    }

    internal static async Task<RpmPackage> ReadAsync(FileStream file, string path, CancellationToken ct)
    {
        try
        {
            var bytes = new byte[RpmLead.Length];
            var count = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
            var lead = RpmLead.Parse(bytes.AsMemory(0, count), path);

            var signature = await ReadHeaderAsync(file, path, RpmTag.HeaderSignatures, ct);
            await SkipPaddingAsync(file, path, signature, ct);
            var header = await ReadHeaderAsync(file, path, RpmTag.HeaderImmutable, ct);
            return new RpmPackage(path, file.Length, signature, header) { Lead = lead };
        }
        catch (IOException ex)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be read: {ex.Message}", inner: ex);
        }
    }

    internal static int PaddingAfter(RpmHeader signature) => -signature.Bytes.Length & (PaddingUnit - 1);

    private static async Task<RpmHeader> ReadHeaderAsync(FileStream file, string path, int region, CancellationToken ct)
    {
        var offset = file.Position;
        var intro = new byte[RpmHeaderParser.IntroLength];
        await FillAsync(file, path, intro, ct);
        var length = new RpmHeaderParser(path, offset, region).MeasureFrom(intro);

        // Compared before anything is allocated: a short file may claim a long header.
        if (file.Length - offset < length)
        {
            throw Short(path, file.Length);
        }

        var bytes = new byte[length];
        intro.CopyTo(bytes, 0);
        await FillAsync(file, path, bytes.AsMemory(intro.Length), ct);
        return new RpmHeaderParser(path, offset, region).Parse(bytes);
    }

    private static async Task SkipPaddingAsync(FileStream file, string path, RpmHeader signature, CancellationToken ct)
    {
        var padding = new byte[PaddingAfter(signature)];
        await FillAsync(file, path, padding, ct);
        if (padding.AsSpan().ContainsAnyExcept((byte)0))
        {
            throw Malformed.Rpm(path, "the padding after its signature header is not zero");
        }
    }

    private static async Task FillAsync(FileStream file, string path, Memory<byte> bytes, CancellationToken ct)
    {
        if (await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct) < bytes.Length)
        {
            throw Short(path, file.Length);
        }
    }

    private static ReleaseException Short(string path, long length) => Malformed.Rpm(path, $"it ends after {length} bytes, inside its headers");
}
