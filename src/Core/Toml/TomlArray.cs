using System.Collections.Immutable;

namespace DotnetRelease.Toml;

/// <summary>An array, written in brackets or as a run of <c>[[name]]</c> tables.</summary>
public sealed class TomlArray : TomlValue
{
    private readonly List<TomlValue> _items = [];

    internal TomlArray(TomlMark mark, bool ofTables)
        : base(mark) => IsOpen = ofTables;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<TomlValue> Items => _items;

    /// <inheritdoc/>
    public override string Kind => IsOpen ? "an array of tables" : "an array";

    /// <summary>Whether a further <c>[[name]]</c> adds to it; an array in brackets is closed for ever.</summary>
    internal bool IsOpen { get; }

    /// <summary>The items, each of which has to be a string.</summary>
    public ImmutableArray<string> Texts()
    {
        var texts = ImmutableArray.CreateBuilder<string>(_items.Count);
        foreach (var item in _items)
        {
            texts.Add(item.AsText());
        }

        return texts.MoveToImmutable();
    }

    /// <summary>The items, each of which has to be a table.</summary>
    public ImmutableArray<TomlTable> Tables()
    {
        var tables = ImmutableArray.CreateBuilder<TomlTable>(_items.Count);
        foreach (var item in _items)
        {
            tables.Add(item.AsTable());
        }

        return tables.MoveToImmutable();
    }

    internal void Add(TomlValue value)
    {
        value.Parent = this;
        _items.Add(value);
    }
}
