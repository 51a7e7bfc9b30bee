namespace DotnetRelease.Toml;

/// <summary>Values of every kind, and <c>key = value</c>, which an inline table needs too.</summary>
internal sealed class TomlValues(TomlCursor cursor, TomlStrings strings, TomlKeys keys)
{
    private int _count;

    /// <summary>Reads <c>key = value</c> into a table.</summary>
    public void ParseEntry(TomlTable table, int depth)
    {
        keys.Read(depth);
        if (!cursor.TrySkip('='))
        {
            throw cursor.Fault($"Expected = after the key, found {cursor.Describe()}.");
        }

        Count(keys.Parts.Count);
        for (var i = 0; i < keys.Parts.Count - 1; i++)
        {
            table = TomlKeys.Enter(table, keys.Parts[i]);
        }

        var last = keys.Parts[^1];
        if (table.Find(last.Name) is { } first)
        {
            throw TomlKeys.Taken(last, first);
        }

        // Reading the value reads other keys, so the parts are gone afterwards.
        var inner = depth + keys.Parts.Count;
        cursor.SkipBlanks();
        table.Add(new(last.Name, last.Mark.Position, Parse(inner)));
    }

    /// <summary>Counts what takes memory.</summary>
    public void Count(int values)
    {
        _count += values;
        if (_count > TomlReader.ValueLimit)
        {
            throw new ReleaseException(Fault.InputTooLarge, $"The file has more than {TomlReader.ValueLimit} values.", cursor.Mark.Position);
        }
    }

    private TomlValue Parse(int depth)
    {
        var mark = cursor.Mark;
        switch (cursor.Current)
        {
            case '"' or '\'':
                return new TomlText(mark, strings.Read());
            case '[':
                return ParseArray(mark, depth);
            case '{':
                return ParseInlineTable(mark, depth);
            default:
                return ParseWord(mark);
        }
    }

    private TomlArray ParseArray(TomlMark mark, int depth)
    {
        TomlKeys.RefuseDepth(cursor, depth);
        cursor.Skip(1);
        var array = new TomlArray(mark, ofTables: false);
        for (cursor.SkipLines(); !cursor.TrySkip(']'); cursor.SkipLines())
        {
            Count(1);
            array.Add(Parse(depth + 1));
            cursor.SkipLines();
            if (!cursor.TrySkip(',') && cursor.Current is not ']')
            {
                throw cursor.Fault($"Expected , or ] in the array that begins at {mark.Position}, found {cursor.Describe()}.");
            }
        }

        return array;
    }

    /// <summary>In TOML 1.0 on one line and without a comma at the end; 1.1 is as free here as with arrays.</summary>
    private TomlTable ParseInlineTable(TomlMark mark, int depth)
    {
        TomlKeys.RefuseDepth(cursor, depth);
        cursor.Skip(1);

        // Open while its own dotted keys build it, closed behind the brace.
        var table = new TomlTable(mark, TomlTableOrigin.Header);
        SkipInline();
        for (var isClosed = cursor.TrySkip('}'); !isClosed;)
        {
            ParseEntry(table, depth);
            SkipInline();
            var hasComma = cursor.TrySkip(',');
            if (hasComma)
            {
                SkipInline();
            }

            isClosed = (!hasComma || IsNewer) && cursor.TrySkip('}');
            if (!hasComma && !isClosed)
            {
                throw cursor.Fault($"Expected , or }} in the inline table that begins at {mark.Position}, found {cursor.Describe()}.");
            }
        }

        table.Origin = TomlTableOrigin.Inline;
        return table;
    }

    private bool IsNewer => cursor.Document.Edition is TomlEdition.V11;

    private void SkipInline()
    {
        if (IsNewer)
        {
            cursor.SkipLines();
        }
        else
        {
            cursor.SkipBlanks();
        }
    }

    private TomlValue ParseWord(TomlMark mark)
    {
        var start = cursor.At;
        var rest = cursor.Rest;
        var length = WordLength(rest);
        if (TomlDates.IsDate(rest[..length]) && rest[length..] is [' ', >= '0' and <= '9', ..])
        {
            length += 1 + WordLength(rest[(length + 1)..]);
        }

        if (length is 0)
        {
            throw cursor.Fault($"Expected a value, found {cursor.Describe()}.");
        }

        var word = rest[..length];
        cursor.Skip(length);
        return Scalar(mark, word) ?? throw cursor.FaultAt(start, Complaint(word));
    }

    private static TomlValue? Scalar(TomlMark mark, ReadOnlySpan<char> word)
    {
        switch (word)
        {
            case "true":
                return new TomlBoolean(mark, value: true);
            case "false":
                return new TomlBoolean(mark, value: false);
        }

        if (TomlNumbers.Integer(word) is { } integer)
        {
            return new TomlInteger(mark, integer);
        }

        return TomlNumbers.Float(word) is { } number ? new TomlFloat(mark, number) : TomlDates.Read(mark, word);
    }

    private static string Complaint(ReadOnlySpan<char> word)
    {
        var shown = TomlPath.Escape(word.ToString());
        return char.IsAsciiLetter(word[0])
            ? $"'{shown}' is no value; a string needs quotes."
            : $"'{shown}' is no integer of 64 bits, float, date or time as TOML writes them.";
    }

    private static int WordLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] is '+' or '-' or '_' or '.' or ':'))
        {
            length++;
        }

        return length;
    }
}
