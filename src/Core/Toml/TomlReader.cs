using System.Text;
using System.Text.Unicode;

namespace DotnetRelease.Toml;

/// <summary>
/// Reads TOML 1.0.0 (https://toml.io/en/v1.0.0), or 1.1.0 when asked to, strictly and in linear time. Size, nesting and number of values are limited, because
/// the files may come from anybody.
/// </summary>
public static class TomlReader
{
    /// <summary>Bytes of the largest file that is read.</summary>
    public const int SizeLimit = 24 * 1024 * 1024;

    /// <summary>Arrays and tables may stand in each other this deep.</summary>
    public const int DepthLimit = 100;

    /// <summary>Values in one file; keeps the memory for a hostile file near that of the largest honest one.</summary>
    public const int ValueLimit = 1_000_000;

    /// <summary>Reads a whole file.</summary>
    /// <param name="utf8">The file's bytes; a byte order mark is skipped.</param>
    /// <param name="file">Path for positions, as the user gave it.</param>
    /// <param name="fault">What a well-formed value of the wrong kind means: <see cref="Fault.SettingsInvalid"/>, <see cref="Fault.LockMalformed"/>.</param>
    /// <param name="edition">Which version of TOML the file is in. Python's <c>tomllib</c>, and so every Python tool, reads 1.0.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.TomlSyntax"/> or <see cref="Fault.InputTooLarge"/>, with the position.</exception>
    public static TomlTable Parse(ReadOnlySpan<byte> utf8, string file, Fault fault, TomlEdition edition = TomlEdition.V10) => Parse(Text(utf8, file), file, fault, edition);

    /// <summary>The text of a file, which has to be UTF-8.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <param name="file">Path for the position.</param>
    /// <param name="syntax">What other bytes mean; <see cref="Fault.TomlSyntax"/> when not said.</param>
    /// <exception cref="ReleaseException">The fault or <see cref="Fault.InputTooLarge"/>, with the position.</exception>
    public static string Text(ReadOnlySpan<byte> utf8, string file, Fault? syntax = null)
    {
        if (utf8.Length > SizeLimit)
        {
            throw TooLarge(file, utf8.Length);
        }

        return Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : throw NotUtf8(utf8, file, syntax ?? Fault.TomlSyntax);
    }

    /// <summary>Reads a whole document that is already text.</summary>
    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, string, Fault, TomlEdition)"/>
    public static TomlTable Parse(string text, string file, Fault fault, TomlEdition edition = TomlEdition.V10)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= SizeLimit
            ? new TomlParser(new TomlCursor(text, new TomlDocument(file, fault) { Edition = edition })).ParseDocument()
            : throw TooLarge(file, text.Length);
    }

    /// <summary>The failure for a file that must not even be read into memory.</summary>
    /// <param name="file">Path for the position.</param>
    /// <param name="size">Its bytes.</param>
    public static ReleaseException TooLarge(string file, long size) =>
        new(Fault.InputTooLarge, $"The file has {size} bytes; at most {SizeLimit} are read.", new SourcePosition(file));

    private static ReleaseException NotUtf8(ReadOnlySpan<byte> utf8, string file, Fault syntax)
    {
        var good = new char[utf8.Length];
        _ = Utf8.ToUtf16(utf8, good, out var read, out var written, replaceInvalidSequences: false);
        var cursor = new TomlCursor(new string(good, 0, written), new TomlDocument(file, syntax) { Syntax = syntax });
        return cursor.FaultAt(written, $"Byte 0x{utf8[read]:x2} is not UTF-8.");
    }
}

/// <summary>Versions of TOML that differ in what they accept.</summary>
public enum TomlEdition
{
    /// <summary>TOML 1.0.0.</summary>
    V10,

    /// <summary>TOML 1.1.0: line ends and a last comma in inline tables, <c>\e</c> and <c>\xHH</c> in strings, times without seconds.</summary>
    V11,
}
