namespace DotnetRelease.Toml;

/// <summary>The lines of a document: headers and <c>key = value</c>.</summary>
internal sealed class TomlParser
{
    private readonly TomlCursor _cursor;
    private readonly TomlKeys _keys;
    private readonly TomlValues _values;

    public TomlParser(TomlCursor cursor)
    {
        _cursor = cursor;
        var strings = new TomlStrings(cursor);
        _keys = new TomlKeys(cursor, strings);
        _values = new TomlValues(cursor, strings, _keys);
    }

    /// <summary>The whole document.</summary>
    public TomlTable ParseDocument()
    {
        _cursor.RefuseControls();
        var root = new TomlTable(_cursor.Mark, TomlTableOrigin.Header);
        var (section, depth) = (root, 0);
        for (_cursor.SkipLines(); !_cursor.AtEnd; _cursor.SkipLines())
        {
            if (_cursor.Current is '[')
            {
                section = ParseHeader(root);
                depth = _keys.Parts.Count;
            }
            else
            {
                _values.ParseEntry(section, depth);
            }

            EndLine();
        }

        return root;
    }

    private TomlTable ParseHeader(TomlTable root)
    {
        var mark = _cursor.Mark;
        _cursor.Skip(1);
        var isArray = _cursor.TrySkip('[');
        _keys.Read(depth: 0);
        if (!_cursor.TrySkip(']') || (isArray && !_cursor.TrySkip(']')))
        {
            throw _cursor.Fault($"The header is not closed: expected {(isArray ? "]]" : "]")}, found {_cursor.Describe()}.");
        }

        _values.Count(_keys.Parts.Count);
        var parent = root;
        for (var i = 0; i < _keys.Parts.Count - 1; i++)
        {
            parent = Enter(parent, _keys.Parts[i]);
        }

        return isArray ? AddToArray(parent, _keys.Parts[^1], mark) : Define(parent, _keys.Parts[^1], mark);
    }

    /// <summary>A table on the way to the one that the header names.</summary>
    private static TomlTable Enter(TomlTable parent, TomlKeyPart part)
    {
        switch (parent.Find(part.Name))
        {
            case null:
                var implied = new TomlTable(part.Mark, TomlTableOrigin.Implied);
                parent.Add(new(part.Name, part.Mark.Position, implied));
                return implied;
            case { Value: TomlTable { Origin: not TomlTableOrigin.Inline } table }:
                return table;
            case { Value: TomlArray { IsOpen: true } array }:
                return (TomlTable)array.Items[^1];
            case var entry:
                throw TomlKeys.Closed(part, entry);
        }
    }

    private static TomlTable Define(TomlTable parent, TomlKeyPart part, TomlMark mark)
    {
        switch (parent.Find(part.Name))
        {
            case null:
                var table = new TomlTable(mark, TomlTableOrigin.Header);
                parent.Add(new(part.Name, part.Mark.Position, table));
                return table;
            case { Value: TomlTable { Origin: TomlTableOrigin.Implied } implied }:
                implied.Origin = TomlTableOrigin.Header;
                return implied;
            case var entry:
                throw TomlKeys.Taken(part, entry);
        }
    }

    private static TomlTable AddToArray(TomlTable parent, TomlKeyPart part, TomlMark mark)
    {
        var table = new TomlTable(mark, TomlTableOrigin.Header);
        switch (parent.Find(part.Name))
        {
            case null:
                var array = new TomlArray(mark, ofTables: true);
                array.Add(table);
                parent.Add(new(part.Name, part.Mark.Position, array));
                return table;
            case { Value: TomlArray { IsOpen: true } open }:
                open.Add(table);
                return table;
            case var entry:
                throw TomlKeys.Taken(part, entry);
        }
    }

    private void EndLine()
    {
        _cursor.SkipBlanks();
        _cursor.SkipComment();
        if (!_cursor.AtEnd && !_cursor.TrySkipNewline())
        {
            throw _cursor.Fault($"Expected the end of the line, found {_cursor.Describe()}.");
        }
    }
}
