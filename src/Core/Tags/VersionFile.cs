using System.Text;
using System.Text.RegularExpressions;
using DotnetRelease.Specs;
using DotnetRelease.Toml;

namespace DotnetRelease.Tags;

/// <summary>Finds the version that a file of a project says it has. The file's name tells how it is written there.</summary>
public static partial class VersionFile
{
    /// <summary>Bytes; files with a version in them are small, and change logs a tenth of this.</summary>
    public const int SizeLimit = 4 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its name decides; its folder does not matter.</param>
    /// <param name="bytes">Its content.</param>
    /// <param name="label">How positions name it.</param>
    /// <returns>Null for a spec whose version only rpm can tell.</returns>
    /// <exception cref="ReleaseException"><see cref="Fault.TagVersionDiffers"/>: there is no version in it.</exception>
    public static VersionClaim? Read(string path, ReadOnlyMemory<byte> bytes, string label)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = Path.GetFileName(path);
        return Path.GetExtension(name).ToUpperInvariant() switch
        {
            ".SPEC" => OfSpec(bytes, label),
            ".TOML" => OfToml(bytes, label),
            ".CSPROJ" or ".FSPROJ" or ".VBPROJ" or ".PROPS" or ".TARGETS" or ".XML" => ProjectVersion.Read(bytes, label) ?? throw None(label),
            ".JSON" => JsonVersion.Read(bytes, label) ?? throw None(label),
            ".PY" => OfLine(bytes, label, PythonLine()),
            ".MD" => OfLine(bytes, label, ChangelogHeading()),
            _ when name.Equals("changelog", StringComparison.OrdinalIgnoreCase) => OfLine(bytes, label, DebianEntry()),
            _ => OfLine(bytes, label, WholeLine()),
        };
    }

    internal static ReleaseException None(string label, string what = "has no version") =>
        new(Fault.TagVersionDiffers, $"The version file {what}.", new(label)) { Remedy = "See docs/tags.md for where a version is looked for, or take the file out of 'version-files'." };

    private static VersionClaim? OfSpec(ReadOnlyMemory<byte> bytes, string label)
    {
        var tag = SpecFile.Parse(bytes.Span, label).Read(SpecFacts.None).Find("Version")!;
        return tag.IsComplete ? new(tag.Value, tag.Position) : null;
    }

    /// <summary><c>pyproject.toml</c> in its two forms, and <c>Cargo.toml</c>.</summary>
    private static VersionClaim OfToml(ReadOnlyMemory<byte> bytes, string label)
    {
        var root = TomlReader.Parse(bytes.Span, label, Fault.TagVersionDiffers);
        var value = root.OptionalTable("project")?.Find("version")
            ?? root.OptionalTable("tool")?.OptionalTable("poetry")?.Find("version")
            ?? root.OptionalTable("package")?.Find("version")
            ?? root.Find("version")
            ?? throw None(label);
        return new(value.Value.AsText(), value.Value.Position);
    }

    /// <summary>The first line that has the form.</summary>
    private static VersionClaim OfLine(ReadOnlyMemory<byte> bytes, string label, Regex form)
    {
        var lines = Encoding.UTF8.GetString(bytes.Span).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var version = form.Match(lines[i]).Groups["version"];
            if (version.Success)
            {
                return new(version.Value, new(label, i + 1, version.Index + 1));
            }
        }

        throw None(label);
    }

    /// <summary><c>__version__ = "1.2.0"</c></summary>
    [GeneratedRegex("""^(__version__|version|VERSION)(: *str)? *= *["'](?<version>[0-9][^"']{0,63})["']""", RegexOptions.ExplicitCapture)]
    private static partial Regex PythonLine();

    /// <summary><c>## [1.2.0] - 2026-01-31</c>, <c>## v1.2.0</c>: the newest entry of a change log; one without a version is not released yet.</summary>
    [GeneratedRegex(@"^#{1,3} +([A-Za-z][A-Za-z -]{0,40} )?\[?v?(?<version>[0-9]+\.[0-9][0-9A-Za-z.+~_-]{0,60})", RegexOptions.ExplicitCapture)]
    private static partial Regex ChangelogHeading();

    /// <summary><c>name (1:1.2.0-1) unstable; urgency=low</c>; epoch and revision are Debian's.</summary>
    [GeneratedRegex(@"^[a-z0-9][a-z0-9.+-]* \(([0-9]+:)?(?<version>[0-9][0-9A-Za-z.+~]{0,60})(-[0-9A-Za-z.+~]+)?\) ", RegexOptions.ExplicitCapture)]
    private static partial Regex DebianEntry();

    /// <summary>A file that holds the version and nothing else.</summary>
    [GeneratedRegex(@"^\uFEFF?[ \t]*v?(?<version>[0-9][0-9A-Za-z.+~!_-]{0,63})[ \t\r]*$", RegexOptions.ExplicitCapture)]
    private static partial Regex WholeLine();
}
