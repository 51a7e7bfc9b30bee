using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace DotnetRelease.Tags;

/// <summary>
/// From the bytes of a tag object to its parts. Stricter than git: four header lines in git's order, one signature, and nothing behind
/// it. What git would pass over could be read one way by us and another way by somebody else.
/// </summary>
internal static partial class TagReader
{
    /// <summary>Bytes; a tag with a whole change log in it is a tenth of this.</summary>
    internal const int SizeLimit = 1024 * 1024;

    private const int SignatureLimit = 64 * 1024;

    /// <summary>The beginnings of lines that git takes for the start of a signature.</summary>
    private static readonly (string Begin, string End, TagSignatureKind? Kind)[] Frames =
    [
        ("-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----", TagSignatureKind.OpenPgp),
        ("-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----", TagSignatureKind.Ssh),
        ("-----BEGIN PGP MESSAGE-----", "", null),
        ("-----BEGIN SIGNED MESSAGE-----", "", null),
    ];

    internal static TagObject Read(ReadOnlyMemory<byte> raw, string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (raw.Length > SizeLimit)
        {
            throw TooLarge(id, raw.Length);
        }

        if (!string.Equals(IdOf(raw.Span, id.Length), id, StringComparison.Ordinal))
        {
            throw Malformed(id, "has other bytes than its id stands for; the repository is damaged");
        }

        // Latin-1 keeps every byte apart: what is signed are bytes, and only the header has to be text.
        var text = Encoding.Latin1.GetString(raw.Span);
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw Malformed(id, "has a NUL byte, behind which other readers see nothing");
        }

        var headerEnd = text.IndexOf("\n\n", StringComparison.Ordinal);
        var header = headerEnd < 0 ? throw Malformed(id, "has no empty line behind its header") : text[..(headerEnd + 1)];
        if (header.Contains('\r', StringComparison.Ordinal))
        {
            throw Malformed(id, "has a carriage return in its header");
        }

        var match = Header().Match(header);
        if (!match.Success || match.Groups["target"].Length != id.Length || !TagName.IsValid(match.Groups["name"].Value))
        {
            throw Malformed(id, "has another header than the four lines 'object', 'type', 'tag' and 'tagger'");
        }

        var (end, signature) = Split(text, headerEnd + 1, id);
        return new(id, match.Groups["name"].Value, match.Groups["type"].Value, match.Groups["target"].Value)
        {
            Tagger = match.Groups["who"].Value,
            Made = DateTimeOffset.FromUnixTimeSeconds(long.Parse(match.Groups["seconds"].Value, CultureInfo.InvariantCulture)),
            Payload = raw[..end],
            Signature = signature,
        };
    }

    /// <summary>The refusal of an object that must not even be read into memory.</summary>
    internal static ReleaseException TooLarge(string id, long size) => Malformed(id, $"has {size} bytes; at most {SizeLimit} are read");

    /// <summary>Where the signed part ends, and the signature behind it.</summary>
    private static (int End, TagSignatureText? Signature) Split(string text, int body, string id)
    {
        List<(int At, int Frame)> starts = [];
        for (var line = body; line >= 0 && line < text.Length; line = text.IndexOf('\n', line) + 1)
        {
            var frame = Array.FindIndex(Frames, each => text.AsSpan(line).StartsWith(each.Begin, StringComparison.Ordinal));
            if (frame >= 0)
            {
                starts.Add((line, frame));
            }

            if (text.IndexOf('\n', line) < 0)
            {
                break;
            }
        }

        return starts switch
        {
            [] => (text.Length, null),
            [var only] => (only.At, Signature(text[only.At..], Frames[only.Frame], id)),
            _ => throw new ReleaseException(Fault.TagSignatureBad, $"The tag object {id} has {starts.Count} signatures; exactly one is accepted."),
        };
    }

    private static TagSignatureText Signature(string text, (string Begin, string End, TagSignatureKind? Kind) frame, string id)
    {
        if (frame.Kind is not { } kind)
        {
            throw new ReleaseException(Fault.TagSignatureBad, $"The tag object {id} has a signature of a kind that is not accepted ({frame.Begin.Trim('-')}).")
            {
                Remedy = "Sign with an OpenPGP or an ssh key: git tag -s.",
            };
        }

        if (text.Length > SignatureLimit)
        {
            throw Malformed(id, $"has a signature of {text.Length} bytes; at most {SignatureLimit} are read");
        }

        var whole = text.StartsWith(frame.Begin + "\n", StringComparison.Ordinal) && text.EndsWith("\n" + frame.End + "\n", StringComparison.Ordinal)
            && text.IndexOf(frame.End, StringComparison.Ordinal) == text.Length - frame.End.Length - 1 && Ascii.IsValid(text);
        return whole ? new(kind, text[..^1]) : throw Malformed(id, "has a signature that is not whole, or something behind it");
    }

    /// <summary>git's name of the object: a digest of its type, its size and its bytes.</summary>
    private static string IdOf(ReadOnlySpan<byte> raw, int length)
    {
        const int sha1Hex = 40;
#pragma warning disable CA5350 // It is git that names objects so; a strong hash is demanded of the signature.
        using var hash = IncrementalHash.CreateHash(length is sha1Hex ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
#pragma warning restore CA5350
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"tag {raw.Length}\0")));
        hash.AppendData(raw);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static ReleaseException Malformed(string id, string what) => new(Fault.TagMalformed, $"The tag object {id} {what}.");

    // The years end with 9999 in .NET, eleven digits before.
    [GeneratedRegex(
        @"\Aobject (?<target>[0-9a-f]{40}|[0-9a-f]{64})\ntype (?<type>commit|tag|tree|blob)\ntag (?<name>[^\n]+)\ntagger (?<who>[^\n<>]* ?<[^\n<>]*>) (?<seconds>[0-9]{1,11}) [+-][0-9]{4}\n\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Header();
}
