namespace DotnetRelease.Rpm;

/// <summary>
/// Lead and headers out of the first bytes of a file that lie in memory, for whoever reads thousands of packages and nothing but
/// their headers. The same checks as <see cref="RpmReader"/>.
/// </summary>
internal static class RpmStart
{
    /// <summary>How many bytes from the start of the file the headers take, as far as the given ones tell; more than were given: read on and ask again.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>.</exception>
    internal static long Measure(ReadOnlyMemory<byte> start, string path)
    {
        _ = RpmLead.Parse(start, path);
        var main = EndOf(start, RpmLead.Length, RpmTag.HeaderSignatures, path) is var end and >= 0 ? end + (-(end - RpmLead.Length) & 7) : -1;
        return main < 0 ? RpmLead.Length + RpmHeaderParser.IntroLength
            : EndOf(start, main, RpmTag.HeaderImmutable, path) is var last and >= 0 ? last
            : main + RpmHeaderParser.IntroLength;
    }

    /// <summary>Reads the headers. The package keeps the memory; it must not change while the package is used.</summary>
    /// <param name="start">At least as many bytes as <see cref="Measure"/> says.</param>
    /// <param name="fileSize">Bytes of the whole file.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>.</exception>
    internal static RpmPackage Parse(ReadOnlyMemory<byte> start, long fileSize, string path)
    {
        var lead = RpmLead.Parse(start, path);
        var signature = Header(start, RpmLead.Length, RpmTag.HeaderSignatures, path);
        var padding = RpmReader.PaddingAfter(signature);
        if (start.Span.Slice((int)signature.End, padding).ContainsAnyExcept((byte)0))
        {
            throw Malformed.Rpm(path, "the padding after its signature header is not zero");
        }

        return new RpmPackage(path, fileSize, signature, Header(start, (int)signature.End + padding, RpmTag.HeaderImmutable, path)) { Lead = lead };
    }

    /// <summary>Reads the headers from the start of a stream, and not much more of it.</summary>
    /// <param name="stream">At the start of the file.</param>
    /// <param name="fileSize">Bytes of the whole file.</param>
    /// <param name="path">For messages.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>; what the stream throws stays as it is.</exception>
    internal static async Task<RpmPackage> ReadAsync(Stream stream, long fileSize, string path, CancellationToken ct)
    {
        const int first = 64 * 1024;
        var (bytes, have) = (new byte[(int)Math.Min(fileSize, first)], 0);
        while (true)
        {
            have += await stream.ReadAtLeastAsync(bytes.AsMemory(have), bytes.Length - have, throwOnEndOfStream: false, ct);
            var needed = have < bytes.Length ? -1 : Measure(bytes, path);
            if (needed < 0 || needed > fileSize)
            {
                throw Malformed.Rpm(path, $"it ends after {have} bytes, inside its headers");
            }

            if (needed <= have)
            {
                return Parse(bytes, fileSize, path);
            }

            Array.Resize(ref bytes, (int)needed);
        }
    }

    private static RpmHeader Header(ReadOnlyMemory<byte> start, int offset, int region, string path)
    {
        var parser = new RpmHeaderParser(path, offset, region);
        return parser.Parse(start.Slice(offset, parser.MeasureFrom(start.Span[offset..])));
    }

    /// <summary>Where a header ends; -1 when its first bytes are not there.</summary>
    private static int EndOf(ReadOnlyMemory<byte> start, int offset, int region, string path) =>
        start.Length - offset < RpmHeaderParser.IntroLength ? -1 : offset + new RpmHeaderParser(path, offset, region).MeasureFrom(start.Span[offset..]);
}
