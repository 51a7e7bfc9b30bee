using System.Collections.Immutable;

namespace DotnetRelease.Toml;

/// <summary>
/// A table with its keys in the order of the file. Getters named <c>Optional…</c> give null for a missing key, the plural ones give
/// nothing, all others fail; a value of another kind fails always.
/// </summary>
public sealed class TomlTable : TomlValue
{
    /// <summary>Up to here a look along the keys is faster than a dictionary, and most tables are smaller.</summary>
    private const int SmallTable = 8;

    private readonly List<TomlEntry> _entries = [];
    private Dictionary<string, TomlEntry>? _index;

    internal TomlTable(TomlMark mark, TomlTableOrigin origin)
        : base(mark) => Origin = origin;

    /// <summary>Keys and values in the order of the file.</summary>
    public IReadOnlyList<TomlEntry> Entries => _entries;

    /// <inheritdoc/>
    public override string Kind => "a table";

    /// <summary>How the table came to be, which decides who may still add to it.</summary>
    internal TomlTableOrigin Origin { get; set; }

    /// <summary>The entry of a key, or null.</summary>
    public TomlEntry? Find(string key)
    {
        if (_index is not null)
        {
            return _index.GetValueOrDefault(key);
        }

        foreach (var entry in _entries)
        {
            if (string.Equals(entry.Key, key, StringComparison.Ordinal))
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>Any value.</summary>
    public TomlValue Value(string key) => Find(key)?.Value ?? throw Missing(key);

    /// <summary>A string.</summary>
    public string Text(string key) => Value(key).AsText();

    /// <summary>A string, or null without the key.</summary>
    public string? OptionalText(string key) => Find(key)?.Value.AsText();

    /// <summary>An integer, or null without the key.</summary>
    public long? OptionalInteger(string key) => Find(key)?.Value.AsInteger();

    /// <summary>A boolean, or null without the key.</summary>
    public bool? OptionalBoolean(string key) => Find(key)?.Value.AsBoolean();

    /// <summary>A local date, or null without the key.</summary>
    public DateOnly? OptionalDate(string key) => Find(key)?.Value.AsDate();

    /// <summary>A table.</summary>
    public TomlTable Table(string key) => Value(key).AsTable();

    /// <summary>A table, or null without the key.</summary>
    public TomlTable? OptionalTable(string key) => Find(key)?.Value.AsTable();

    /// <summary>An array.</summary>
    public TomlArray Array(string key) => Value(key).AsArray();

    /// <summary>An array, or null without the key.</summary>
    public TomlArray? OptionalArray(string key) => Find(key)?.Value.AsArray();

    /// <summary>The strings of an array; none without the key.</summary>
    public ImmutableArray<string> Texts(string key) => OptionalArray(key)?.Texts() ?? [];

    /// <summary>The tables of an array, <c>[[key]]</c>; none without the key.</summary>
    public ImmutableArray<TomlTable> Tables(string key) => OptionalArray(key)?.Tables() ?? [];

    /// <summary>The failure to throw when a key has to be here and is not.</summary>
    public ReleaseException Missing(string key) => Invalid($"has no key '{key}'.");

    internal void Add(TomlEntry entry)
    {
        entry.Value.Parent = this;
        _entries.Add(entry);
        if (_index is not null)
        {
            _index.Add(entry.Key, entry);
        }
        else if (_entries.Count > SmallTable)
        {
            _index = new(StringComparer.Ordinal);
            foreach (var each in _entries)
            {
                _index.Add(each.Key, each);
            }
        }
    }
}

/// <summary>One key of a table with its value.</summary>
/// <param name="Key">The key's own part, without the tables before it.</param>
/// <param name="Position">Where the key stands; the value knows its own place.</param>
/// <param name="Value">What it is set to.</param>
public sealed record TomlEntry(string Key, SourcePosition Position, TomlValue Value);

/// <summary>How a table came to be.</summary>
internal enum TomlTableOrigin
{
    /// <summary>Named on the way to another header; its own header may still come.</summary>
    Implied,

    /// <summary>Has its own header, or is the root.</summary>
    Header,

    /// <summary>Made by a dotted key; further dotted keys of the same section add to it.</summary>
    DottedKey,

    /// <summary>Written in braces, closed for ever.</summary>
    Inline,
}
