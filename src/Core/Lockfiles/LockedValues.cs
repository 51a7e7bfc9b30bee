using System.Globalization;
using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>The values that every lock format has, checked the same way for all of them.</summary>
internal static class LockedValues
{
    private const string Sha256 = "sha256:";

    /// <summary>What PEP 440 versions have beside letters and digits; little enough to be harmless in file names, specs and terminals.</summary>
    private const string VersionPunctuation = "._+!-";

    /// <summary>The name of a package, as written.</summary>
    public static string Name(TomlTable package)
    {
        var name = package.Text("name");
        return PythonName.IsValid(name)
            ? name
            : throw package.Value("name").Invalid($"must be a package name of letters, digits and . _ -, found '{Shown(name)}'.");
    }

    /// <summary>A version, as written.</summary>
    public static string Version(TomlValue value)
    {
        const int lengthLimit = 200;
        var version = value.AsText();
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

    /// <summary>The name of a file, which has to be one plain path segment.</summary>
    /// <param name="value">The value that names the file, for the message.</param>
    /// <param name="name">The name in it.</param>
    public static string FileName(TomlValue value, string name) => SafeName.Refuse(name) is { } reason
        ? throw value.Invalid($"must name a file, but '{Shown(name)}' {reason}.")
        : name;

    /// <summary>A time with its offset (RFC 3339), as a text.</summary>
    public static DateTimeOffset Time(TomlValue value) =>
        DateTimeOffset.TryParseExact(value.AsText(), ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw value.Invalid($"must be a time such as 2026-01-31T12:00:00Z, found '{Shown(value.AsText())}'.");

    /// <summary>Foreign text for a message.</summary>
    public static string Shown(string text) => TomlPath.Escape(text);
}
