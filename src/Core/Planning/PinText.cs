using System.Globalization;
using System.Text;
using DotnetRelease.Toml;

namespace DotnetRelease.Planning;

/// <summary>How <c>release.lock</c> writes a name, and reads a digest.</summary>
internal static class PinText
{
    /// <summary>A part of a table's name: bare where TOML allows it.</summary>
    public static string Key(string name) => name.Length > 0 && SafeName.IsPlain(name, "-_") ? name : Quoted(name);

    /// <summary>A basic string.</summary>
    public static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                _ when char.IsControl(c) => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>The digest that a value is.</summary>
    public static Digest DigestOf(TomlValue value) =>
        Digest.TryParse(value.AsText(), out var digest) && value.AsText().StartsWith("sha256:", StringComparison.Ordinal)
            ? digest
            : throw value.Invalid("must be 'sha256:' and 64 lower-case hex digits.");
}
