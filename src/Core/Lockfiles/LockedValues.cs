using System.Globalization;
using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>The values that every lock format has, checked the same way for all of them.</summary>
internal static class LockedValues
{
    private const string Sha256 = "sha256:";

    /// <summary>What PEP 440 versions have beside letters and digits; little enough to be harmless in file names, specs and terminals.</summary>
    private const string VersionPunctuation = "._+!-";

    /// <summary>The name of a Python package, as written.</summary>
    public static string Name(TomlTable package) => Name(package, Ecosystem.Python);

    /// <summary>The name of a package, as written.</summary>
    /// <param name="package">Its table.</param>
    /// <param name="ecosystem">Whose rules count.</param>
    public static string Name(TomlTable package, Ecosystem ecosystem)
    {
        var name = package.Text("name");
        return ecosystem.IsName(name) ? name : throw package.Value("name").Invalid($"must be {ecosystem.NameRule}, found '{Shown(name)}'.");
    }

    /// <summary>The name of a package that is a key, or a part of one.</summary>
    /// <param name="entry">The key, for the message.</param>
    /// <param name="name">The name.</param>
    /// <param name="ecosystem">Whose rules count.</param>
    public static string Name(TomlEntry entry, string name, Ecosystem ecosystem) => ecosystem.IsName(name)
        ? name
        : throw new ReleaseException(Fault.LockMalformed, $"A package must have {ecosystem.NameRule}, found '{Shown(name)}'.", entry.Position);

    /// <summary>A version, as written.</summary>
    public static string Version(TomlValue value) => Version(value, value.AsText());

    /// <summary>A version that is a part of a value.</summary>
    public static string Version(TomlValue value, string version)
    {
        const int lengthLimit = 200;
        return version.Length is > 0 and <= lengthLimit && SafeName.IsPlain(version, VersionPunctuation)
            ? version
            : throw value.Invalid($"must be a version of letters, digits and . _ + ! -, found '{Shown(version)}'.");
    }

    /// <summary>A sha256 digest; upper case is read as lower case.</summary>
    public static Digest Digest(TomlValue value)
    {
        var text = value.AsText();
        if (DotnetRelease.Digest.TryParse(text, out var digest) || DotnetRelease.Digest.TryParse(text.ToLowerInvariant(), out digest))
        {
            return digest;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0 && !text.StartsWith(Sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw value.Invalid($"is a digest of kind '{Shown(text[..colon])}'; only sha256 is accepted as proof of a file.");
        }

        var hex = text[(colon + 1)..];
        const int length = 64;
        throw value.Invalid(hex.Length is length
            ? "must be 64 hexadecimal digits; at least one character is none."
            : $"must be 64 hexadecimal digits, found {hex.Length}.");
    }

    /// <summary>Digests as browsers write them (SRI): <c>sha512-BASE64</c>, several with blanks between; the strongest counts.</summary>
    public static LockDigest Integrity(TomlValue value)
    {
        LockDigest? best = null;
        foreach (var part in value.AsText().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (kind, base64) = part.Split('?')[0].Split('-', 2) is [var word, var rest] ? (KindOf(word), rest) : (null, "");
            if (kind is { } known && Base64(value, known, base64) is var digest && (best is null || best.Value.IsWeakerThan(digest)))
            {
                best = digest;
            }
        }

        return best ?? throw value.Invalid($"must be a digest such as sha512-BASE64, of sha512, sha384, sha256 or sha1; found '{Shown(value.AsText())}'.");
    }

    /// <summary>A digest in base64, of the length that its kind has.</summary>
    public static LockDigest Base64(TomlValue value, LockDigestKind kind, string text)
    {
        var length = LengthOf(kind);
        Span<byte> bytes = stackalloc byte[LengthOf(LockDigestKind.Sha512)];
        return text.Length <= LengthOf(LockDigestKind.Sha512) * 2 && Convert.TryFromBase64String(text, bytes, out var written) && written == length
            ? new(kind, Convert.ToHexStringLower(bytes[..length]))
            : throw value.Invalid($"must have the {length} bytes of a {kind.ToString().ToLowerInvariant()} in base64, found '{Shown(text)}'.");
    }

    /// <summary>The kind of that name, or null.</summary>
    public static LockDigestKind? KindOf(string word) => word switch
    {
        "sha1" => LockDigestKind.Sha1,
        "sha256" => LockDigestKind.Sha256,
        "sha384" => LockDigestKind.Sha384,
        "sha512" => LockDigestKind.Sha512,
        _ => null,
    };

    /// <summary>Bytes of a kind.</summary>
    public static int LengthOf(LockDigestKind kind) => kind switch
    {
        LockDigestKind.Sha1 => 20,
        LockDigestKind.Sha384 => 48,
        LockDigestKind.Sha512 => 64,
        _ => 32,
    };

    /// <summary>A place, as written: a path, or a URL without a password and with a plain host.</summary>
    public static string Place(TomlValue value) => LockedPlace.Refuse(value.AsText()) is { } why ? throw value.Invalid(why) : value.AsText();

    /// <summary>The same, or null without the key.</summary>
    public static string? OptionalPlace(TomlTable table, string key) => table.Find(key)?.Value is { } value ? Place(value) : null;

    /// <summary>The last segment of a URL or path, decoded once; what is still encoded afterwards is refused as a name.</summary>
    public static string LastSegment(string location)
    {
        var end = location.AsSpan().IndexOfAny('?', '#');
        var path = end < 0 ? location : location[..end];
        var segment = path[(path.LastIndexOf('/') + 1)..];
        return segment.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(segment) : segment;
    }

    /// <summary>A number of bytes, or null when it is not said.</summary>
    public static long? Size(TomlValue? value) => value?.AsInteger() switch
    {
        null => null,
        >= 0 and var size => size,
        _ => throw value.Invalid("must not be negative."),
    };

    /// <summary>The name of a file, which has to be one plain path segment.</summary>
    /// <param name="value">The value that names the file, for the message.</param>
    /// <param name="name">The name in it.</param>
    public static string FileName(TomlValue value, string name) => SafeName.Refuse(name) is { } reason
        ? throw value.Invalid($"must name a file, but '{Shown(name)}' {reason}.")
        : name;

    /// <summary>A time with its offset (RFC 3339), as a text or as TOML's own.</summary>
    public static DateTimeOffset Time(TomlValue value) => value is TomlDateTime { Offset: { } offset } time
        ? new DateTimeOffset(time.Value, offset)
        : DateTimeOffset.TryParseExact(value.AsText(), ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed)
            ? parsed
            : throw value.Invalid($"must be a time such as 2026-01-31T12:00:00Z, found '{Shown(value.AsText())}'.");

    /// <summary>Foreign text for a message.</summary>
    public static string Shown(string text) => TomlPath.Escape(text);
}
