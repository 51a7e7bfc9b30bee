using System.Globalization;
using System.Text;

namespace DotnetRelease.Toml;

/// <summary>The four kinds of strings. A cursor stands on the opening quote before and behind the closing one after.</summary>
internal sealed class TomlStrings(TomlCursor cursor)
{
    private readonly StringBuilder _building = new();

    /// <summary>Any string.</summary>
    public string Read()
    {
        var quote = cursor.Current;
        var triple = quote is '"' ? "\"\"\"" : "'''";
        return cursor.Rest.StartsWith(triple, StringComparison.Ordinal)
            ? ReadLines(quote, triple)
            : ReadLine();
    }

    /// <summary>A string of one line, the only kind that may be a key.</summary>
    public string ReadLine()
    {
        var quote = cursor.Current;
        cursor.Skip(1);
        _building.Clear();
        while (true)
        {
            var length = Stop(quote);
            var stop = length < 0 ? '\0' : cursor.Rest[length];
            if (stop == quote)
            {
                // Nearly every string has no escape and is one copy of the text.
                var last = cursor.Take(length);
                cursor.Skip(1);
                return _building.Length is 0 ? last : _building.Append(last).ToString();
            }

            if (stop is not '\\')
            {
                cursor.Skip(length < 0 ? cursor.Rest.Length : length);
                throw cursor.Fault($"The string has no closing {quote} on its line.");
            }

            Append(length);
            ReadEscape();
        }
    }

    private string ReadLines(char quote, string triple)
    {
        var start = cursor.At;
        cursor.Skip(3);
        _building.Clear();
        cursor.TrySkipNewline();
        while (true)
        {
            var length = Stop(quote);
            if (length < 0)
            {
                throw cursor.FaultAt(start, $"The string has no closing {triple}.");
            }

            Append(length);
            if (cursor.TrySkipNewline())
            {
                // One kind of line end in values, whatever the checkout made of the file.
                _building.Append('\n');
            }
            else if (cursor.Current is '\\')
            {
                ReadEscapeOrLineEnd();
            }
            else if (cursor.Rest.StartsWith(triple, StringComparison.Ordinal))
            {
                return Close(quote);
            }
            else
            {
                Append(1);
            }
        }
    }

    /// <summary>Up to two quotes may stand directly before the closing three and belong to the text.</summary>
    private string Close(char quote)
    {
        var quotes = 3;
        while (quotes < 5 && quotes < cursor.Rest.Length && cursor.Rest[quotes] == quote)
        {
            quotes++;
        }

        cursor.Skip(quotes);
        return _building.Append(quote, quotes - 3).ToString();
    }

    /// <summary>How far the text goes until something happens; -1 when nothing does.</summary>
    private int Stop(char quote)
    {
        // Three values are searched by code that is compiled already; every further one would cost a start of the JIT.
        var rest = cursor.Rest;
        var stop = quote is '"' ? rest.IndexOfAny('"', '\\', '\n') : rest.IndexOfAny('\'', '\n');
        return stop > 0 && rest[stop] is '\n' && rest[stop - 1] is '\r' ? stop - 1 : stop;
    }

    private void Append(int count)
    {
        _building.Append(cursor.Rest[..count]);
        cursor.Skip(count);
    }

    /// <summary>A backslash at the end of a line takes all blanks and line ends up to the next visible character away.</summary>
    private void ReadEscapeOrLineEnd()
    {
        var after = cursor.Rest[1..].TrimStart(" \t");
        if (after.Length > 0 && after[0] is not ('\r' or '\n'))
        {
            ReadEscape();
            return;
        }

        cursor.Skip(1);
        do
        {
            cursor.SkipBlanks();
        }
        while (cursor.TrySkipNewline());
    }

    private void ReadEscape()
    {
        var rest = cursor.Rest;
        var simple = (rest.Length > 1 ? rest[1] : '\0') switch
        {
            'b' => '\b',
            't' => '\t',
            'n' => '\n',
            'f' => '\f',
            'r' => '\r',
            '"' => '"',
            '\\' => '\\',
            'e' when IsNewer => '\e',
            _ => '\0',
        };
        if (simple is not '\0')
        {
            _building.Append(simple);
            cursor.Skip(2);
            return;
        }

        var digits = (rest.Length > 1 ? rest[1] : '\0') switch { 'u' => 4, 'U' => 8, 'x' when IsNewer => 2, _ => 0 };
        if (digits is 0)
        {
            throw cursor.Fault("This backslash starts no known escape; known are \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX. A backslash itself is written \\\\ or in '…'.");
        }

        _building.Append(ReadScalar(rest, digits));
        cursor.Skip(2 + digits);
    }

    private bool IsNewer => cursor.Document.Edition is TomlEdition.V11;

    private string ReadScalar(ReadOnlySpan<char> rest, int digits) =>
        rest.Length >= 2 + digits
        && uint.TryParse(rest.Slice(2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var scalar)
        && Rune.IsValid(scalar)
            ? new Rune(scalar).ToString()
            : throw cursor.Fault($"\\{rest[1]} needs {digits} hexadecimal digits that name a Unicode character (no surrogate).");
}
