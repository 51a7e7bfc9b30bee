namespace DotnetRelease.Toml;

/// <summary>The text with the place that was reached. Lines and columns count from 1, columns in characters, not in UTF-16 units.</summary>
internal sealed class TomlCursor
{
    private readonly string _text;
    private readonly bool _hasPairs;
    private int _line = 1;
    private int _lineStart;

    public TomlCursor(string text, TomlDocument document)
    {
        _text = text;
        Document = document;
        _hasPairs = text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') >= 0;
        At = _lineStart = text.StartsWith('\ufeff') ? 1 : 0;
    }

    public TomlDocument Document { get; }

    /// <summary>Offset of the next character.</summary>
    public int At { get; private set; }

    public bool AtEnd => At == _text.Length;

    /// <summary>The next character; U+0000 at the end, which <see cref="RefuseControls"/> keeps out of the text itself.</summary>
    public char Current => At < _text.Length ? _text[At] : '\0';

    public TomlMark Mark => new(Document, _line, At - _lineStart + 1);

    /// <summary>What is left.</summary>
    public ReadOnlySpan<char> Rest => _text.AsSpan(At);

    /// <summary>
    /// Has to be called before anything else is read: control characters are allowed nowhere in TOML, except for tabs and line ends.
    /// </summary>
    public void RefuseControls()
    {
        for (int at = At, found; (found = _text.AsSpan(at).IndexOfAnyInRange('\0', '\u001f')) >= 0; at += found + 1)
        {
            switch (_text[at + found])
            {
                case '\t' or '\n':
                    break;
                case '\r' when at + found + 1 < _text.Length && _text[at + found + 1] is '\n':
                    break;
                case '\r':
                    throw FaultAt(at + found, "A carriage return is only allowed before a line feed.");
                case var c:
                    throw FaultAt(at + found, $"A control character (U+{(int)c:X4}) is not allowed.");
            }
        }

        if (_text.IndexOf('\u007f', StringComparison.Ordinal) is >= 0 and var delete)
        {
            throw FaultAt(delete, "A control character (U+007F) is not allowed.");
        }

        RefuseLoneSurrogates();
    }

    /// <summary>Goes over characters of one line.</summary>
    public void Skip(int count)
    {
        if (_hasPairs)
        {
            _lineStart += LowSurrogates(_text.AsSpan(At, count));
        }

        At += count;
    }

    /// <summary>Goes over characters of one line and returns them.</summary>
    public string Take(int count)
    {
        var taken = _text.Substring(At, count);
        Skip(count);
        return taken;
    }

    /// <summary>Goes over one character if it is the given one.</summary>
    public bool TrySkip(char c)
    {
        if (At < _text.Length && _text[At] == c)
        {
            At++;
            return true;
        }

        return false;
    }

    /// <summary>Goes over spaces and tabs.</summary>
    public void SkipBlanks()
    {
        while (Current is ' ' or '\t')
        {
            At++;
        }
    }

    /// <summary>Goes over a line end if there is one.</summary>
    public bool TrySkipNewline()
    {
        var length = Current switch { '\n' => 1, '\r' => 2, _ => 0 };
        if (length > 0)
        {
            At += length;
            _line++;
            _lineStart = At;
        }

        return length > 0;
    }

    /// <summary>Goes over blanks, comments and line ends.</summary>
    public void SkipLines()
    {
        do
        {
            SkipBlanks();
            SkipComment();
        }
        while (TrySkipNewline());
    }

    /// <summary>Goes over a comment if there is one, up to the line end.</summary>
    public void SkipComment()
    {
        if (Current is '#')
        {
            var length = Rest.IndexOfAny('\r', '\n');
            Skip(length < 0 ? Rest.Length : length);
        }
    }

    /// <summary>The failure to throw for the next character.</summary>
    public ReleaseException Fault(string detail) => FaultAt(At, detail);

    /// <summary>The failure to throw for any place.</summary>
    public ReleaseException FaultAt(int offset, string detail)
    {
        var before = _text.AsSpan(0, offset);
        var start = before.LastIndexOf('\n') + 1;
        if (start is 0 && before.StartsWith('\ufeff'))
        {
            start = 1;
        }

        var position = new SourcePosition(
            Document.File,
            before.Count('\n') + 1,
            offset - start - LowSurrogates(before[start..]) + 1);
        return IsConflictMarker(_text.AsSpan(start))
            ? new(Document.Syntax, "This is a merge-conflict marker; resolve the conflict first.", position with { Column = 1 })
            : new(Document.Syntax, detail, position);
    }

    /// <summary>The next character in words.</summary>
    public string Describe() => AtEnd
        ? "the end of the file"
        : Current is '\n' or '\r' ? "the end of the line" : $"'{TomlPath.Escape(Rest[..(char.IsHighSurrogate(Current) ? 2 : 1)].ToString())}'";

    /// <summary>git writes seven of them at the start of a line, followed by a blank or nothing.</summary>
    private static bool IsConflictMarker(ReadOnlySpan<char> line) =>
        (line.StartsWith("<<<<<<<") || line.StartsWith("=======") || line.StartsWith(">>>>>>>") || line.StartsWith("|||||||"))
        && (line.Length is 7 || line[7] is ' ' or '\r' or '\n');

    private static int LowSurrogates(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var c in text)
        {
            count += char.IsLowSurrogate(c) ? 1 : 0;
        }

        return count;
    }

    private void RefuseLoneSurrogates()
    {
        for (var at = 0; _hasPairs && at < _text.Length; at++)
        {
            if (at + 1 < _text.Length && char.IsSurrogatePair(_text[at], _text[at + 1]))
            {
                at++;
            }
            else if (char.IsSurrogate(_text[at]))
            {
                throw FaultAt(at, "Half a surrogate pair is no character.");
            }
        }
    }
}
