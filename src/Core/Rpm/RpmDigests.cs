using System.Collections.Immutable;
using System.Security.Cryptography;

namespace DotnetRelease.Rpm;

/// <summary>
/// The running digests of one file. MD5 and SHA-1 prove nothing against an attacker, but rpm refuses a file in which they are wrong,
/// so they are computed wherever the file has them.
/// </summary>
internal sealed class RpmDigests : IDisposable
{
    private const int WorthSplitting = 256 * 1024;
    private readonly RpmPackage _package;
    private readonly IncrementalHash _file = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ImmutableArray<PayloadDigest> _payload;
    private readonly IncrementalHash? _headerAndPayload;
    private long _payloadLength;

    internal RpmDigests(RpmPackage package)
    {
        _package = package;
        _payload = PayloadDigest.Of(package);
        _headerAndPayload = package.Signature.Has(RpmSignatureTag.Md5) ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;

        _file.AppendData(package.Lead.Bytes.Span);
        _file.AppendData(package.Signature.Bytes.Span);
        _file.AppendData(stackalloc byte[RpmReader.PaddingAfter(package.Signature)]);
        _file.AppendData(package.Header.Bytes.Span);
        _headerAndPayload?.AppendData(package.Header.Bytes.Span);
    }

    /// <summary>Takes the next piece of the payload; the digests of a long one are computed side by side.</summary>
    internal void Append(byte[] chunk, int count)
    {
        _payloadLength += count;
        ImmutableArray<IncrementalHash> all = [.. _payload.Select(digest => digest.Running), _file, .. _headerAndPayload is null ? (IncrementalHash[])[] : [_headerAndPayload]];
        if (count < WorthSplitting)
        {
            foreach (var hash in all)
            {
                hash.AppendData(chunk, 0, count);
            }

            return;
        }

        Parallel.ForEach(all, hash => hash.AppendData(chunk, 0, count));
    }

    internal Digest File() => Digest.Of(_file);

    /// <summary>Compares everything that the file says about itself, header first.</summary>
    internal RpmDamage? Compare() => CompareHeader() ?? ComparePayload() ?? CompareBoth();

    public void Dispose()
    {
        _file.Dispose();
        _headerAndPayload?.Dispose();
        foreach (var digest in _payload)
        {
            digest.Dispose();
        }
    }

    private RpmDamage? CompareHeader()
    {
        var signature = _package.Signature;
        var bytes = _package.Header.Bytes;
#pragma warning disable CA5350 // Compared because rpm compares it; nothing is believed because of it.
        (int Tag, string Name, Func<byte[]> Calculate)[] digests =
        [
            (RpmSignatureTag.Sha256Header, "SHA-256", () => SHA256.HashData(bytes.Span)),
            (RpmSignatureTag.Sha1Header, "SHA-1", () => SHA1.HashData(bytes.Span)),
            .. SHA3_256.IsSupported ? [(RpmSignatureTag.Sha3Header, "SHA3-256", () => SHA3_256.HashData(bytes.Span))] : ((int, string, Func<byte[]>)[])[],
        ];
#pragma warning restore CA5350
        foreach (var (tag, name, calculate) in digests)
        {
            if (signature.RawText(tag) is { } expected && Differs(expected, calculate(), out var found))
            {
                return new RpmDamage(RpmPart.Header, $"the {name} of its header is {found}, expected {Printable(expected)}");
            }
        }

        return digests.Any(digest => signature.Has(digest.Tag)) || _headerAndPayload is not null ? null : new RpmDamage(RpmPart.Header, "no digest covers its header");
    }

    private RpmDamage? ComparePayload()
    {
        if (_payload.IsEmpty)
        {
            return _headerAndPayload is null ? new RpmDamage(RpmPart.Payload, "no digest covers its payload") : null;
        }

        foreach (var digest in _payload)
        {
            // The second digest is that of the uncompressed payload: a package that was stored so is still the same package.
            var actual = digest.Running.GetHashAndReset();
            if (Differs(digest.Expected, actual, out var found) && (digest.Plain is null || Differs(digest.Plain, actual, out _)))
            {
                return new RpmDamage(RpmPart.Payload, $"the {digest.Name} of its payload is {found}, expected {Printable(digest.Expected)}{LengthHint()}");
            }
        }

        return null;
    }

    private RpmDamage? CompareBoth()
    {
        if (_headerAndPayload is null || _package.Signature.Binary(RpmSignatureTag.Md5) is not { } expected)
        {
            return null;
        }

        var found = _headerAndPayload.GetHashAndReset();
        return found.AsSpan().SequenceEqual(expected.Span)
            ? null
            : new RpmDamage(RpmPart.Payload, $"the MD5 of its header and payload is {Convert.ToHexStringLower(found)}, expected {Convert.ToHexStringLower(expected.Span)}{LengthHint()}");
    }

    /// <summary>The signature header says how long header and payload should be; good for a message, not for a verdict.</summary>
    private string LengthHint()
    {
        var expected = _package.Signature.Number(RpmSignatureTag.LongSize) ?? _package.Signature.Number(RpmSignatureTag.Size);
        var actual = (ulong)(_package.Header.Bytes.Length + _payloadLength);
        return expected switch
        {
            null => "",
            _ when actual < expected => $" (the file is {expected - actual} bytes too short)",
            _ when actual > expected => $" (the file is {actual - expected} bytes too long)",
            _ => "",
        };
    }

    private static bool Differs(string expected, byte[] actual, out string found)
    {
        found = Convert.ToHexStringLower(actual);
        return !string.Equals(expected, found, StringComparison.OrdinalIgnoreCase);
    }

    private static string Printable(string hex) => hex.Length <= 128 && hex.All(char.IsAsciiHexDigit) ? hex : "something that is no hex";
}
