using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace DotnetRelease;

/// <summary>
/// A sha256 digest, or one of sha512 where <see cref="TryParseAny"/> was asked: lists of sources have those. Holding one means that the text it
/// came from was checked. The two of the same bytes are not equal.
/// </summary>
public readonly record struct Digest : IComparable<Digest>
{
    private const string Prefix = "sha256:";
    private const int HexLength = 64;
    private const string LongPrefix = "sha512:";
    private const int LongHexLength = 128;

    private Digest(string hex) => Hex = hex;

    /// <summary>64 lower-case hex digits, or 128 of sha512.</summary>
    public string Hex { get => field ?? throw new InvalidOperationException("default(Digest) is not a digest."); }

    /// <summary><c>sha256</c> or <c>sha512</c>.</summary>
    public string Algorithm => Hex.Length is HexLength ? "sha256" : "sha512";

    /// <summary>The same for .NET.</summary>
    internal HashAlgorithmName HashName => Hex.Length is HexLength ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512;

    /// <summary>Reads <c>sha256:HEX</c> or bare hex, lower case only.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        var hex = text?.StartsWith(Prefix, StringComparison.Ordinal) is true ? text[Prefix.Length..] : text;
        var valid = hex is { Length: HexLength } && IsLowerHex(hex);
        digest = valid ? new Digest(hex!) : default;
        return valid;
    }

    /// <summary>Reads also <c>sha512:HEX</c>, and bare hex of its length.</summary>
    public static bool TryParseAny([NotNullWhen(true)] string? text, out Digest digest)
    {
        if (TryParse(text, out digest))
        {
            return true;
        }

        var hex = text?.StartsWith(LongPrefix, StringComparison.Ordinal) is true ? text[LongPrefix.Length..] : text;
        var valid = hex is { Length: LongHexLength } && IsLowerHex(hex);
        digest = valid ? new Digest(hex!) : default;
        return valid;
    }

    // A plain loop: locks hold thousands of digests, and what LINQ or SearchValues need first costs more than all of them.
    private static bool IsLowerHex(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The digest of no bytes, for which nothing is computed: a program that only asks for this loads no cryptography.</summary>
    internal static Digest OfNothing => new("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    /// <summary>The digest of bytes in memory.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)));

    /// <summary>The digest of a text's UTF-8 bytes.</summary>
    public static Digest Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Takes the result of a running hash; the hash starts again.</summary>
    public static Digest Of(IncrementalHash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        return new(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The digest of what a running hash got until now; the hash goes on.</summary>
    internal static Digest OfSoFar(IncrementalHash hash) => new(Convert.ToHexStringLower(hash.GetCurrentHash()));

    /// <summary>The digest of a file, read as a stream.</summary>
    public static Task<Digest> OfFileAsync(string path, CancellationToken ct) => HashFileAsync(path, HashAlgorithmName.SHA256, ct);

    /// <summary>The digest of a file with the algorithm of another digest, to be compared with it.</summary>
    internal static Task<Digest> OfFileLikeAsync(string path, Digest other, CancellationToken ct) =>
        other.HashName == HashAlgorithmName.SHA256 ? OfFileAsync(path, ct) : Sha512OfFileAsync(path, ct);

    /// <summary>The sha512 digest of a file.</summary>
    internal static Task<Digest> Sha512OfFileAsync(string path, CancellationToken ct) => HashFileAsync(path, HashAlgorithmName.SHA512, ct);

    /// <summary>The library reads 4 kB at a time, each by way of another thread; that takes longer than the digest of them.</summary>
    private static async Task<Digest> HashFileAsync(string path, HashAlgorithmName algorithm, CancellationToken ct)
    {
        const int chunk = 256 * 1024;
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan | FileOptions.Asynchronous);
        using var hash = IncrementalHash.CreateHash(algorithm);
        var buffer = ArrayPool<byte>.Shared.Rent(chunk);
        try
        {
            long at = 0;
            for (int count; (count = await RandomAccess.ReadAsync(file, buffer, at, ct)) > 0; at += count)
            {
                hash.AppendData(buffer, 0, count);
            }

            return Of(hash);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public int CompareTo(Digest other) => string.CompareOrdinal(Hex, other.Hex);

    /// <summary><c>sha256:HEX</c> or <c>sha512:HEX</c>.</summary>
    public override string ToString() => (Hex.Length is HexLength ? Prefix : LongPrefix) + Hex;

    /// <summary>Orders by the hex text.</summary>
    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    /// <summary>Orders by the hex text.</summary>
    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    /// <summary>Orders by the hex text.</summary>
    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by the hex text.</summary>
    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;
}
