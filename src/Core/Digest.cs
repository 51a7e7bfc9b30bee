using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace DotnetRelease;

/// <summary>A sha256 digest. Holding one means that the text it came from was checked.</summary>
public readonly record struct Digest : IComparable<Digest>
{
    private const string Prefix = "sha256:";
    private const int HexLength = 64;

    private Digest(string hex) => Hex = hex;

    /// <summary>64 lower-case hex digits.</summary>
    public string Hex { get => field ?? throw new InvalidOperationException("default(Digest) is not a digest."); }

    /// <summary>Reads <c>sha256:HEX</c> or bare hex, lower case only.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        var hex = text?.StartsWith(Prefix, StringComparison.Ordinal) is true ? text[Prefix.Length..] : text;
        var valid = hex is { Length: HexLength } && IsLowerHex(hex);
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
    public static async Task<Digest> OfFileAsync(string path, CancellationToken ct)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan | FileOptions.Asynchronous);
        return new(Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct)));
    }

    /// <inheritdoc/>
    public int CompareTo(Digest other) => string.CompareOrdinal(Hex, other.Hex);

    /// <summary><c>sha256:HEX</c>.</summary>
    public override string ToString() => Prefix + Hex;

    /// <summary>Orders by the hex text.</summary>
    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    /// <summary>Orders by the hex text.</summary>
    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    /// <summary>Orders by the hex text.</summary>
    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by the hex text.</summary>
    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;
}
