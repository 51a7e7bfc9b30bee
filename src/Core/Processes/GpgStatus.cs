using System.Collections.Immutable;

namespace DotnetRelease.Processes;

/// <summary>
/// What gpg said about one signature on its status channel. Its exit code is no policy: it is 0 for an expired key and for a
/// signature from the future.
/// </summary>
/// <param name="Lines">Keyword and arguments of each line, in order.</param>
public sealed record GpgStatus(ImmutableArray<string> Lines)
{
    private const string Prefix = "[GNUPG:] ";

    /// <summary>Whatever stands next to one of these is not a good signature.</summary>
    private static readonly string[] Bad =
    [
        "BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "NO_PUBKEY", "NODATA", "UNEXPECTED", "ERROR", "FAILURE", "BADARMOR", "DECRYPTION_FAILED",
    ];

    /// <summary>Reads the status lines out of a channel that may carry other text as well.</summary>
    public static GpgStatus Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new([.. text.Split('\n').Where(line => line.StartsWith(Prefix, StringComparison.Ordinal)).Select(line => line[Prefix.Length..].TrimEnd('\r'))]);
    }

    /// <summary>The arguments of the first line with a keyword, or null.</summary>
    public string[]? Find(string keyword) =>
        Lines.FirstOrDefault(line => KeywordOf(line).SequenceEqual(keyword)) is { } line ? line.Split(' ')[1..] : null;

    /// <summary>How many lines have a keyword.</summary>
    public int Count(string keyword) => Lines.Count(line => KeywordOf(line).SequenceEqual(keyword));

    /// <summary>
    /// The one signature, when gpg found exactly one and had nothing to say against it; else null. See <c>VALIDSIG</c> in GnuPG's
    /// <c>doc/DETAILS</c>.
    /// </summary>
    public GpgSignature? Good()
    {
        var clean = Count("NEWSIG") is 1 && Count("GOODSIG") is 1 && Count("VALIDSIG") is 1 && Bad.All(keyword => Count(keyword) is 0);
        return clean ? Valid() : null;
    }

    /// <summary>The signature whose arithmetic is right, even when its key has expired or was revoked; null when there is none.</summary>
    public GpgSignature? Valid()
    {
        const int primary = 9;
        return Find("VALIDSIG") is { Length: > primary } fields && Count("VALIDSIG") is 1
            && IsFingerprint(fields[0]) && IsFingerprint(fields[primary])
            && long.TryParse(fields[2], out var made) && int.TryParse(fields[7], out var hash)
            ? new GpgSignature(fields[primary], fields[0], DateTimeOffset.FromUnixTimeSeconds(made), hash) { Class = fields[8] }
            : null;
    }

    internal static bool IsFingerprint(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigitUpper);

    private static ReadOnlySpan<char> KeywordOf(string line) => line.IndexOf(' ', StringComparison.Ordinal) is >= 0 and var end ? line.AsSpan(0, end) : line;
}

/// <summary>A signature that gpg found valid.</summary>
/// <param name="PrimaryFingerprint">The certificate.</param>
/// <param name="SigningFingerprint">The key of it that signed.</param>
/// <param name="Made">When, as the signature says.</param>
/// <param name="HashAlgorithm">OpenPGP's number; 8 to 10 are SHA-2.</param>
public sealed record GpgSignature(string PrimaryFingerprint, string SigningFingerprint, DateTimeOffset Made, int HashAlgorithm)
{
    /// <summary>OpenPGP's signature type in hex; <c>00</c> is one over a document.</summary>
    public required string Class { get; init; }
}
