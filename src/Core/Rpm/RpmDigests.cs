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
    private readonly IncrementalHash? _payload;
    private readonly IncrementalHash? _headerAndPayload;
    private long _payloadLength;

    internal RpmDigests(RpmPackage package)
    {
        _package = package;
        _payload = package.PayloadDigest is null ? null : IncrementalHash.CreateHash(PayloadAlgorithm(package));
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
        if (count < WorthSplitting)
        {
            _file.AppendData(chunk, 0, count);
            _payload?.AppendData(chunk, 0, count);
            _headerAndPayload?.AppendData(chunk, 0, count);
            return;
        }

        Parallel.Invoke(
            () => _headerAndPayload?.AppendData(chunk, 0, count),
            () => _file.AppendData(chunk, 0, count),
            () => _payload?.AppendData(chunk, 0, count));
    }

    internal Digest File() => Digest.Of(_file);

    /// <summary>Compares everything that the file says about itself, header first.</summary>
    internal RpmDamage? Compare() => CompareHeader() ?? ComparePayload() ?? CompareBoth();

    public void Dispose()
    {
        _file.Dispose();
        _payload?.Dispose();
        _headerAndPayload?.Dispose();
    }

    private RpmDamage? CompareHeader()
    {
        var signature = _package.Signature;
        var bytes = _package.Header.Bytes.Span;
        if (signature.Text(RpmSignatureTag.Sha256Header) is { } sha256 && Differs(sha256, SHA256.HashData(bytes), out var found))
        {
            return new RpmDamage(RpmPart.Header, $"the SHA-256 of its header is {found}, expected {Printable(sha256)}");
        }

#pragma warning disable CA5350 // Compared because rpm compares it; nothing is believed because of it.
        if (signature.Text(RpmSignatureTag.Sha1Header) is { } sha1 && Differs(sha1, SHA1.HashData(bytes), out found))
        {
            return new RpmDamage(RpmPart.Header, $"the SHA-1 of its header is {found}, expected {Printable(sha1)}");
        }
#pragma warning restore CA5350

        return signature.Has(RpmSignatureTag.Sha256Header) || signature.Has(RpmSignatureTag.Sha1Header) || signature.Has(RpmSignatureTag.Md5)
            ? null
            : new RpmDamage(RpmPart.Header, "no digest covers its header");
    }

    private RpmDamage? ComparePayload()
    {
        if (_payload is null)
        {
            return _headerAndPayload is null ? new RpmDamage(RpmPart.Payload, "no digest covers its payload") : null;
        }

        // The second digest is that of the uncompressed payload: a package that was stored so is still the same package.
        var (expected, actual) = (_package.PayloadDigest!, _payload.GetHashAndReset());
        var plain = _package.Header.Text(RpmTag.PayloadDigestAlt);
        return Differs(expected, actual, out var found) && (plain is null || Differs(plain, actual, out _))
            ? new RpmDamage(RpmPart.Payload, $"the digest of its payload is {found}, expected {Printable(expected)}{LengthHint()}")
            : null;
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

    private static HashAlgorithmName PayloadAlgorithm(RpmPackage package) => package.PayloadDigestAlgorithm switch
    {
        8 => HashAlgorithmName.SHA256,
        9 => HashAlgorithmName.SHA384,
        10 => HashAlgorithmName.SHA512,
        var other => throw Malformed.Rpm(package.Path, $"its payload has a digest of kind {other}; known are 8 (SHA-256), 9 (SHA-384) and 10 (SHA-512)"),
    };
}
