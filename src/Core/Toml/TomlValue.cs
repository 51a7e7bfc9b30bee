namespace DotnetRelease.Toml;

/// <summary>
/// A value of a TOML document that knows where it stands. The document is well-formed by then; whether a value is the one that was
/// hoped for is asked with <c>As…</c> here and with the getters of <see cref="TomlTable"/>, which fail with the fault that was given
/// to <see cref="TomlReader"/>.
/// </summary>
public abstract class TomlValue
{
    private readonly TomlMark _mark;

    private protected TomlValue(TomlMark mark) => _mark = mark;

    /// <summary>Where the value begins; for a table the bracket of its header or its first key.</summary>
    public SourcePosition Position => _mark.Position;

    /// <summary>The way from the root, <c>package[3].files[0]</c>; empty for the root itself.</summary>
    public string Path => TomlPath.Of(this);

    /// <summary>What the value is, with its article: <c>a string</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The table or array that holds the value; null for the root.</summary>
    internal TomlValue? Parent { get; set; }

    /// <summary>The value of a string.</summary>
    public string AsText() => this is TomlText text ? text.Value : throw NotA("a string");

    /// <summary>The value of an integer.</summary>
    public long AsInteger() => this is TomlInteger integer ? integer.Value : throw NotA("an integer");

    /// <summary>The value of a boolean.</summary>
    public bool AsBoolean() => this is TomlBoolean boolean ? boolean.Value : throw NotA("true or false");

    /// <summary>The value of a local date.</summary>
    public DateOnly AsDate() => this is TomlDate date ? date.Value : throw NotA("a date such as 2026-12-31");

    /// <summary>The value as an array.</summary>
    public TomlArray AsArray() => this as TomlArray ?? throw NotA("an array");

    /// <summary>The value as a table.</summary>
    public TomlTable AsTable() => this as TomlTable ?? throw NotA("a table");

    /// <summary>The failure to throw when this value is not allowed here: <c>PATH DEMAND</c> at the value's position.</summary>
    /// <param name="demand">Continues the sentence that starts with the path: <c>must be one of …, found 'x'.</c></param>
    public ReleaseException Invalid(string demand) => Invalid(_mark.Document.Fault, demand);

    /// <summary>The same with another fault than the document's.</summary>
    public ReleaseException Invalid(Fault fault, string demand) =>
        new(fault, Path is { Length: > 0 } path ? $"'{path}' {demand}" : $"The file {demand}", Position);

    private ReleaseException NotA(string wanted) => Invalid($"must be {wanted}, found {Kind}.");
}
