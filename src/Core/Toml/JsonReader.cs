using System.Buffers;
using System.Globalization;
using System.Text;

namespace DotnetRelease.Toml;

/// <summary>
/// Reads JSON (RFC 8259) into the same positioned values as TOML, as strictly and with the same limits: no name twice (I-JSON), no half of a
/// surrogate pair, nothing behind the value. A member that is <c>null</c> counts as absent.
/// </summary>
public sealed class JsonReader
{
    private static readonly SearchValues<char> EndsOfWord = SearchValues.Create(" \t\r\n,]}");
    private readonly TomlCursor _cursor;
    private int _count;

    private JsonReader(TomlCursor cursor) => _cursor = cursor;

    /// <summary>Reads a document whose value is an object.</summary>
    /// <param name="text">The whole document.</param>
    /// <param name="file">Path for positions, as the user gave it.</param>
    /// <param name="fault">What malformed JSON and a well-formed value of the wrong kind mean.</param>
    /// <exception cref="ReleaseException">The fault, or <see cref="Fault.InputTooLarge"/>, with the position.</exception>
    public static TomlTable Parse(string text, string file, Fault fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > TomlReader.SizeLimit)
        {
            throw TomlReader.TooLarge(file, text.Length);
        }

        var cursor = new TomlCursor(text, new TomlDocument(file, fault) { Syntax = fault });
        cursor.RefuseControls();
        return new JsonReader(cursor).ReadDocument();
    }

    private TomlTable ReadDocument()
    {
        SkipSpace();
        var root = _cursor.Current is '{' ? ReadObject(0) : throw _cursor.Fault($"Expected an object, found {_cursor.Describe()}.");
        SkipSpace();
        return _cursor.AtEnd ? root : throw _cursor.Fault($"Expected the end of the file behind the object, found {_cursor.Describe()}.");
    }

    private TomlTable ReadObject(int depth)
    {
        TomlKeys.RefuseDepth(_cursor, depth);
        var table = new TomlTable(_cursor.Mark, TomlTableOrigin.Inline);
        _cursor.Skip(1);
        SkipSpace();
        if (_cursor.TrySkip('}'))
        {
            return table;
        }

        do
        {
            ReadMember(table, depth);
            SkipSpace();
        }
        while (_cursor.TrySkip(','));

        return _cursor.TrySkip('}') ? table : throw _cursor.Fault($"Expected , or }} in the object that begins at {table.Position}, found {_cursor.Describe()}.");
    }

    private void ReadMember(TomlTable table, int depth)
    {
        SkipSpace();
        var mark = _cursor.Mark;
        var key = _cursor.Current is '"' ? ReadString() : throw _cursor.Fault($"Expected a name in quotes, found {_cursor.Describe()}.");
        SkipSpace();
        if (!_cursor.TrySkip(':'))
        {
            throw _cursor.Fault($"Expected : behind the name, found {_cursor.Describe()}.");
        }

        if (table.Find(key) is { } first)
        {
            throw TomlKeys.Taken(new(key, mark), first, _cursor.Document.Syntax);
        }

        SkipSpace();
        if (ReadValue(depth + 1) is { } value)
        {
            table.Add(new(key, mark.Position, value));
        }
    }

    private TomlArray ReadArray(int depth)
    {
        TomlKeys.RefuseDepth(_cursor, depth);
        var array = new TomlArray(_cursor.Mark, ofTables: false);
        _cursor.Skip(1);
        SkipSpace();
        if (_cursor.TrySkip(']'))
        {
            return array;
        }

        do
        {
            SkipSpace();
            array.Add(ReadValue(depth + 1) ?? throw _cursor.Fault("A null in an array is not read."));
            SkipSpace();
        }
        while (_cursor.TrySkip(','));

        return _cursor.TrySkip(']') ? array : throw _cursor.Fault($"Expected , or ] in the array that begins at {array.Position}, found {_cursor.Describe()}.");
    }

    private TomlValue? ReadValue(int depth)
    {
        if (++_count > TomlReader.ValueLimit)
        {
            throw new ReleaseException(Fault.InputTooLarge, $"The file has more than {TomlReader.ValueLimit} values.", _cursor.Mark.Position);
        }

        var mark = _cursor.Mark;
        return _cursor.Current switch
        {
            '{' => ReadObject(depth),
            '[' => ReadArray(depth),
            '"' => new TomlText(mark, ReadString()),
            _ => ReadWord(mark),
        };
    }

    private TomlValue? ReadWord(TomlMark mark)
    {
        var start = _cursor.At;
        var length = _cursor.Rest.IndexOfAny(EndsOfWord);
        var word = _cursor.Rest[..(length < 0 ? _cursor.Rest.Length : length)].ToString();
        _cursor.Skip(word.Length);
        switch (word)
        {
            case "true" or "false":
                return new TomlBoolean(mark, word is "true");
            case "null":
                return null;
            case var _ when IsNumber(word):
                return long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
                    ? new TomlInteger(mark, integer)
                    : new TomlFloat(mark, double.Parse(word, NumberStyles.Float, CultureInfo.InvariantCulture));
            default:
                throw _cursor.FaultAt(start, $"Expected a value, found {(word.Length is 0 ? _cursor.Describe() : $"'{TomlPath.Escape(word)}'")}.");
        }
    }

    /// <summary><c>[-] (0 | 1-9 digits) [. digits] [e [+-] digits]</c>.</summary>
    private static bool IsNumber(string word)
    {
        var rest = word.AsSpan().TrimStart('-');
        var whole = Digits(ref rest);
        if (word.Length - rest.Length - whole > 1 || whole is 0 || (whole > 1 && word.TrimStart('-')[0] is '0'))
        {
            return false;
        }

        if (rest is ['.', ..])
        {
            rest = rest[1..];
            if (Digits(ref rest) is 0)
            {
                return false;
            }
        }

        if (rest is ['e' or 'E', ..])
        {
            rest = rest[1..];
            rest = rest is ['+' or '-', ..] ? rest[1..] : rest;
            if (Digits(ref rest) is 0)
            {
                return false;
            }
        }

        return rest.IsEmpty;
    }

    private static int Digits(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOfAnyExceptInRange('0', '9');
        var count = end < 0 ? rest.Length : end;
        rest = rest[count..];
        return count;
    }

    private string ReadString()
    {
        _cursor.Skip(1);
        var end = _cursor.Rest.IndexOfAny('"', '\\', '\n');
        if (end >= 0 && _cursor.Rest[end] is '"')
        {
            var plain = _cursor.Take(end);
            _cursor.Skip(1);
            return plain;
        }

        var start = _cursor.At;
        var text = new StringBuilder();
        while (true)
        {
            end = _cursor.Rest.IndexOfAny('"', '\\', '\n');
            if (end < 0 || _cursor.Rest[end] is '\n')
            {
                throw _cursor.FaultAt(start, "The string is not closed on its line.");
            }

            text.Append(_cursor.Rest[..end]);
            _cursor.Skip(end);
            if (_cursor.TrySkip('"'))
            {
                break;
            }

            text.Append(ReadEscape());
        }

        return Whole(text.ToString()) ? text.ToString() : throw _cursor.FaultAt(start, "Half a surrogate pair is no character.");
    }

    private char ReadEscape()
    {
        const int digits = 4;
        var start = _cursor.At;
        _cursor.Skip(1);
        var kind = _cursor.Current;
        if (kind is 'u' && _cursor.Rest.Length > digits && ushort.TryParse(_cursor.Rest[1..(1 + digits)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
        {
            _cursor.Skip(1 + digits);
            return (char)unit;
        }

        var at = "\"\\/bfnrt".IndexOf(kind, StringComparison.Ordinal);
        if (at < 0 || _cursor.AtEnd)
        {
            throw _cursor.FaultAt(start, "Unknown escape sequence.");
        }

        _cursor.Skip(1);
        return "\"\\/\b\f\n\r\t"[at];
    }

    private static bool Whole(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsSurrogate(text[at]) && (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[++at])))
            {
                return false;
            }
        }

        return true;
    }

    private void SkipSpace()
    {
        do
        {
            _cursor.SkipBlanks();
        }
        while (_cursor.TrySkipNewline());
    }
}
