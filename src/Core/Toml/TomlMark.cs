namespace DotnetRelease.Toml;

/// <summary>What all values of one document share.</summary>
/// <param name="File">Path as the user gave it.</param>
/// <param name="Fault">What a well-formed value of the wrong kind means to the caller.</param>
internal sealed record TomlDocument(string File, Fault Fault)
{
    /// <summary>Which grammar counts.</summary>
    public TomlEdition Edition { get; init; } = TomlEdition.V10;

    /// <summary>What a text means that is no such document at all.</summary>
    public Fault Syntax { get; init; } = Fault.TomlSyntax;
}

/// <summary>A place in a document. It carries the document, so that a value can fail with the caller's fault.</summary>
internal readonly record struct TomlMark(TomlDocument Document, int Line, int Column)
{
    public SourcePosition Position => new(Document.File, Line, Column);
}
