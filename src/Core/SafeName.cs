namespace DotnetRelease;

/// <summary>
/// Names of files that come from lockfiles, specs and servers and are about to become files on this machine or words of a command
/// line: one path segment of plain characters.
/// </summary>
public static class SafeName
{
    /// <summary>What Linux file systems take.</summary>
    private const int LengthLimit = 255;

    /// <summary>
    /// What wheels, source archives and patches are named with, beside letters and digits. A list of what is allowed has no forgotten
    /// characters.
    /// </summary>
    private const string Punctuation = "._+!~-";

    /// <summary>Names that are devices on other systems, with or without an ending; the same lock is used there too.</summary>
    private static readonly string[] Devices =
    [
        "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    ];

    /// <summary>Why the name is refused, as the end of a sentence about it; null for a good name.</summary>
    public static string? Refuse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name switch
        {
            "" => "is empty",
            "." or ".." => "is a folder",
            { Length: > LengthLimit } => $"is longer than {LengthLimit} characters",
            ['-', ..] => "begins with a dash and would be taken for an option",
            _ when name.Contains('/', StringComparison.Ordinal) || name.Contains('\\', StringComparison.Ordinal) => "has a path separator",
            _ when !IsPlain(name, Punctuation) => "has a character other than letters, digits and . _ + ! ~ -",
            _ when IsDevice(name) => "is the name of a device",
            _ => null,
        };
    }

    /// <summary>Whether a text has only ASCII letters, digits and the given other characters.</summary>
    internal static bool IsPlain(string text, string punctuation)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !punctuation.Contains(c, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDevice(string name)
    {
        // Most names are longer, so the list is seldom looked at.
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var stem = dot < 0 ? name : name[..dot];
        return stem.Length is 3 or 4 && Devices.Contains(stem, StringComparer.OrdinalIgnoreCase);
    }
}
