namespace DotnetRelease.Specs;

/// <summary>A tag line of a spec: <c>Version: 6.7.1</c>.</summary>
/// <param name="Name">In rpm's own spelling for the tags that matter here (<c>Version</c>, <c>Source</c>), else as written; without a number.</param>
/// <param name="Number">Of a numbered tag (<c>Source0</c>), given or counted on as rpm does; -1 for other tags.</param>
/// <param name="Raw">The value as written.</param>
/// <param name="Value">The value after static expansion; what only running code could tell stands as written.</param>
/// <param name="IsComplete">Nothing is left in <paramref name="Value"/> that rpm would replace.</param>
/// <param name="Position">Where the value starts.</param>
public sealed record SpecTag(string Name, int Number, string Raw, string Value, bool IsComplete, SourcePosition Position)
{
    /// <summary>Null when the tag stands under a condition that cannot be decided here; a tag under a false one is not there at all.</summary>
    public bool? Applies { get; init; } = true;

    /// <summary>Index of the line, counted from 0.</summary>
    internal int Line { get; init; }

    /// <summary>Index in the line where <see cref="Raw"/> starts.</summary>
    internal int Column { get; init; }

    /// <summary>Length of the raw value in the line, in bytes.</summary>
    internal int Length { get; init; }

    /// <summary><c>Source0</c>, <c>Version</c>.</summary>
    public string Label => Number < 0 ? Name : $"{Name}{Number}";

    /// <summary>What rpm takes as the file name of a source: everything after the last slash.</summary>
    public string FileName => Value[(MacroSyntax.LastSlash(Value) + 1)..];

    /// <summary>Whether the value is a URL.</summary>
    public bool IsUrl => Value.Contains("://", StringComparison.Ordinal);
}
