using System.Buffers;
using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>Reads any known lockfile; the content tells the format, the name does not matter.</summary>
public static class LockfileReader
{
    private static readonly SearchValues<char> KeyLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_. ");

    /// <summary>Names under which the known formats are usually stored.</summary>
    public static IReadOnlyList<string> UsualNames { get; } =
    [
        "poetry.lock", "uv.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "packages.lock.json", "package-lock.json", "npm-shrinkwrap.json", "Cargo.lock", "go.sum",
    ];

    /// <summary>Reads a lockfile's bytes.</summary>
    /// <param name="utf8">The whole file.</param>
    /// <param name="path">For positions, as the user or the settings name it.</param>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.TomlSyntax"/>, <see cref="Fault.LockMalformed"/>, <see cref="Fault.LockFormatUnknown"/> or
    /// <see cref="Fault.InputTooLarge"/>, with the place.
    /// </exception>
    public static Lockfile Read(ReadOnlySpan<byte> utf8, string path) => Read(TomlReader.Text(utf8, path, IsJson(utf8) ? Fault.LockMalformed : null), path);

    /// <summary>Reads a lockfile's text.</summary>
    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, string)"/>
    public static Lockfile Read(string text, string path)
    {
        ArgumentNullException.ThrowIfNull(text);
        var read = ReadText(text, path);
        return read.Generator is null ? read with { Generator = GeneratorComment.Find(text) } : read;
    }

    private static bool IsJson(ReadOnlySpan<byte> utf8) => utf8.TrimStart("\uFEFF \t\r\n"u8) is [(byte)'{', ..];

    private static Lockfile ReadText(string text, string path)
    {
        var first = FirstLine(text);
        return first switch
        {
            ['{', ..] => ReadJson(JsonReader.Parse(text, path, Fault.LockMalformed), path),
            not [] when !IsTomlKey(first) && GoSum.Recognises(first) => GoSum.Read(LockText.Of(text, path)),
            not [] when !IsTomlKey(first) && RequirementsText.Recognises(first) => RequirementsText.Read(LockText.Of(text, path)),
            _ => ReadToml(TomlReader.Parse(text, path, Fault.LockMalformed), path),
        };
    }

    /// <summary>A bare, dotted or quoted key with one equals sign behind it; pip's options begin with two dashes.</summary>
    private static bool IsTomlKey(ReadOnlySpan<char> line)
    {
        var equals = line.IndexOf('=');
        return equals > 0
            && (equals + 1 == line.Length || line[equals + 1] is not '=')
            && !line.StartsWith("--", StringComparison.Ordinal)
            && (line[0] is '"' or '\'' || line[..equals].TrimEnd().IndexOfAnyExcept(KeyLetters) < 0);
    }

    /// <summary>The first line that is neither blank nor a comment, without the blanks around it.</summary>
    private static ReadOnlySpan<char> FirstLine(string text)
    {
        foreach (var line in text.AsSpan().TrimStart('\uFEFF').EnumerateLines())
        {
            var trimmed = line.Trim();
            if (trimmed is not ([] or ['#', ..]))
            {
                return trimmed;
            }
        }

        return [];
    }

    private static Lockfile ReadToml(TomlTable root, string path) =>
        PdmLock.Recognises(root) ? PdmLock.Read(root, path)
        : PoetryLock.Recognises(root) ? PoetryLock.Read(root, path)
        : PyLock.Recognises(root) ? PyLock.Read(root, path)
        : UvLock.Recognises(root) ? UvLock.Read(root, path)
        : CargoLock.Recognises(root) ? CargoLock.Read(root, path)
        : throw root.Invalid(Fault.LockFormatUnknown, $"{Guess(root)}.");

    private static Lockfile ReadJson(TomlTable root, string path) =>
        NpmLock.Recognises(root) ? NpmLock.Read(root, path)
        : NuGetLock.Recognises(root) ? NuGetLock.Read(root, path)
        : PipfileLock.Recognises(root) ? PipfileLock.Read(root, path)
        : throw root.Invalid(Fault.LockFormatUnknown, "is JSON, but has neither npm's lockfileVersion, NuGet's version and dependencies, nor pipenv's _meta.");

    private static string Guess(TomlTable root)
    {
        if (root.Find("package") is not null)
        {
            return "has packages but neither poetry's [metadata] nor the version number of uv or Cargo; it may be cut off";
        }

        return root.Entries.Count is 0
            ? "is empty and no lockfile"
            : "is no lockfile of a known format: it has neither poetry's or pdm's [metadata], nor a version number as uv, Cargo and pylock have";
    }
}
