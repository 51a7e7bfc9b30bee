using System.Collections.Immutable;
using System.Text.RegularExpressions;
using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>
/// What a <c>pyproject.toml</c> asks of its dependencies. The lock is for developers; these constraints are what a distribution's package of
/// the project requires.
/// </summary>
public static partial class ProjectDependencies
{
    /// <summary>Name of the file, beside its lock.</summary>
    public const string FileName = "pyproject.toml";

    /// <summary>The constraints of <c>[project] dependencies</c> (PEP 621) and <c>[tool.poetry.dependencies]</c>, in the order of the file.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.TomlSyntax"/>, <see cref="Fault.InputTooLarge"/>, <see cref="Fault.LockMalformed"/>.</exception>
    public static ImmutableArray<ProjectDependency> Read(ReadOnlyMemory<byte> utf8, string path)
    {
        var root = TomlReader.Parse(utf8.Span, path, Fault.LockMalformed);
        return
        [
            .. Standard(root.OptionalTable("project")),
            .. Poetry(root.OptionalTable("tool")?.OptionalTable("poetry")?.OptionalTable("dependencies")),
        ];
    }

    private static IEnumerable<ProjectDependency> Standard(TomlTable? project)
    {
        foreach (var item in project?.OptionalArray("dependencies")?.Items ?? [])
        {
            // PEP 508: name, extras, constraint, and after a semicolon when it counts.
            if (Requirement().Match(item.AsText()) is { Success: true } found)
            {
                yield return new(PythonName.Normalize(found.Groups["name"].Value), found.Groups["constraint"].Value.Trim(), item.Position)
                {
                    Marker = found.Groups["marker"] is { Success: true } marker ? marker.Value.Trim() : null,
                };
            }
        }
    }

    private static IEnumerable<ProjectDependency> Poetry(TomlTable? dependencies)
    {
        foreach (var entry in dependencies?.Entries ?? [])
        {
            // Several constraints for one package are normal: one for each Python or platform.
            foreach (var value in entry.Value is TomlArray several ? several.Items : [entry.Value])
            {
                if (entry.Key is not "python" && Of(entry.Key, value) is { } dependency)
                {
                    yield return dependency;
                }
            }
        }
    }

    private static ProjectDependency? Of(string name, TomlValue value) => value switch
    {
        TomlText text => new(PythonName.Normalize(name), text.Value, value.Position),
        TomlTable table when table.OptionalText("version") is { } version => new(PythonName.Normalize(name), version, value.Position)
        {
            Marker = table.OptionalText("markers") ?? (table.OptionalText("python") is { } python ? $"python {python}" : null),
        },
        _ => null,
    };

    [GeneratedRegex(@"^(?>\s*(?<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*)(\[[^\]]*\])?(?>\s*(?<constraint>[^;@]*))(;(?<marker>.*))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Requirement();
}

/// <summary>One constraint.</summary>
/// <param name="Name">Normalised.</param>
/// <param name="Constraint">As written; empty for none.</param>
/// <param name="Position">Where it stands.</param>
public sealed record ProjectDependency(string Name, string Constraint, SourcePosition Position)
{
    /// <summary>When it counts, as written; null for always.</summary>
    public string? Marker { get; init; }

    /// <summary>The range; null when it is no single one.</summary>
    public VersionBounds? Bounds => VersionBounds.TryParse(Constraint);
}
