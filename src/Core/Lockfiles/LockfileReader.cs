using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>Reads any known lockfile; the content tells the format, the name does not matter.</summary>
public static class LockfileReader
{
    /// <summary>Names under which the known formats are usually stored.</summary>
    public static IReadOnlyList<string> UsualNames { get; } = ["poetry.lock", "uv.lock", "packages.lock.json"];

    /// <summary>Reads a lockfile's bytes.</summary>
    /// <param name="utf8">The whole file.</param>
    /// <param name="path">For positions, as the user or the settings name it.</param>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.TomlSyntax"/>, <see cref="Fault.LockMalformed"/>, <see cref="Fault.LockFormatUnknown"/> or
    /// <see cref="Fault.InputTooLarge"/>, with the place.
    /// </exception>
    public static Lockfile Read(ReadOnlySpan<byte> utf8, string path) => IsJson(utf8)
        ? utf8.Length <= TomlReader.SizeLimit ? NuGetLock.Read(WithoutMark(utf8), path) : throw TomlReader.TooLarge(path, utf8.Length)
        : WithGenerator(Read(TomlReader.Parse(utf8, path, Fault.LockMalformed), path), GeneratorComment.Find(utf8));

    /// <summary>Reads a lockfile's text.</summary>
    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, string)"/>
    public static Lockfile Read(string text, string path) =>
        WithGenerator(Read(TomlReader.Parse(text, path, Fault.LockMalformed), path), GeneratorComment.Find(text));

    /// <summary>No TOML begins so.</summary>
    private static bool IsJson(ReadOnlySpan<byte> utf8) => WithoutMark(utf8).TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> utf8) => utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;

    private static Lockfile WithGenerator(Lockfile read, string? generator) => read.Generator is null ? read with { Generator = generator } : read;

    private static Lockfile Read(TomlTable root, string path)
    {
        if (PoetryLock.Recognises(root))
        {
            return PoetryLock.Read(root, path);
        }

        return UvLock.Recognises(root)
            ? UvLock.Read(root, path)
            : throw root.Invalid(Fault.LockFormatUnknown, $"{Guess(root)}.");
    }

    private static string Guess(TomlTable root)
    {
        if (root.Find("lock-version") is not null && root.Find("packages") is not null)
        {
            return "is a pylock (PEP 751), a format that is not read";
        }

        if (root.Find("metadata")?.Value is TomlTable metadata && metadata.Find("lock_version") is not null)
        {
            return "is a lock of pdm, a format that is not read";
        }

        if (root.Find("package") is not null)
        {
            return "has packages but neither poetry's [metadata] nor uv's version number; it may be cut off";
        }

        return root.Entries.Count is 0
            ? "is empty and no lockfile"
            : "is no lockfile of a known format: it has neither poetry's [metadata] nor uv's version number";
    }
}
