using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace DotnetRelease.Lockfiles;

/// <summary>
/// The parsed name of a wheel (PEP 427). Holding one means that every part was there; which machine it fits is asked of the tags, never
/// of the text.
/// </summary>
/// <param name="File">The whole file name.</param>
/// <param name="Distribution">As written: case and separators differ between versions of one project.</param>
/// <param name="Version">As written.</param>
/// <param name="BuildTag">Starts with a digit; null for most wheels.</param>
/// <param name="Pythons">Python tags of the compressed set: <c>cp39</c>, <c>py3</c>.</param>
/// <param name="Abis">ABI tags: <c>abi3</c>, <c>cp312</c>, <c>none</c>.</param>
/// <param name="Platforms">Platform tags: <c>manylinux_2_28_x86_64</c>, <c>any</c>.</param>
public sealed record WheelName(
    string File,
    string Distribution,
    string Version,
    string? BuildTag,
    ImmutableArray<string> Pythons,
    ImmutableArray<string> Abis,
    ImmutableArray<string> Platforms)
{
    private const string Extension = ".whl";

    /// <summary>The project, normalised as PEP 503 wants it.</summary>
    public string Package => PythonName.Normalize(Distribution);

    /// <summary>Reads a file name; false when it is no complete wheel name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? file, [NotNullWhen(true)] out WheelName? wheel)
    {
        wheel = null;
        if (file is null || !file.EndsWith(Extension, StringComparison.Ordinal) || file.Length > 1024)
        {
            return false;
        }

        var parts = file[..^Extension.Length].Split('-');
        if (parts.Length is not (5 or 6) || parts.Any(part => part.Length is 0 || !part.All(IsNameChar)))
        {
            return false;
        }

        var build = parts.Length is 6 ? parts[2] : null;
        if (build is not null && !char.IsAsciiDigit(build[0]))
        {
            return false;
        }

        wheel = new WheelName(file, parts[0], parts[1], build, Tags(parts[^3]), Tags(parts[^2]), Tags(parts[^1]));
        return true;
    }

    /// <summary>Reads a file name.</summary>
    /// <exception cref="FormatException">It is no wheel name; for callers that know it must be one.</exception>
    public static WheelName Parse(string file) => TryParse(file, out var wheel) ? wheel : throw new FormatException($"'{file}' is no wheel name.");

    private static ImmutableArray<string> Tags(string set) => [.. set.Split('.')];

    private static bool IsNameChar(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '+' or '!' || c > 127;
}
