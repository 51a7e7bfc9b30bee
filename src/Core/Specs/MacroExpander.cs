using System.Text;

namespace DotnetRelease.Specs;

/// <summary>
/// Expands macros without running anything: <c>%name</c>, <c>%{name}</c>, <c>%{?name}</c>, <c>%{!?name:text}</c>, <c>%{?name:text}</c>,
/// <c>%{with x}</c>, <c>%{expand:…}</c>, <c>%%</c>. Shell (<c>%(…)</c>), Lua, expressions and macros with parameters would need code to be run;
/// they stay as written. See "Macro syntax" in rpm's documentation.
/// </summary>
internal sealed class MacroExpander(MacroTable table)
{
    // rpm's own limit of nesting is 64; the budget stops a spec of a few lines from growing without end.
    private const int MaxDepth = 64;
    private const int MaxWork = 1 << 16;

    private int _work;
    private bool _complete = true;

    public Expansion Expand(string text)
    {
        var result = Expand(text, 0);
        return new(result, _complete);
    }

    private string Expand(string text, int depth)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder();
        var at = 0;
        while (at < text.Length)
        {
            var percent = text.IndexOf('%', at);
            if (percent < 0 || percent + 1 >= text.Length || depth > MaxDepth || _work > MaxWork)
            {
                _complete &= percent < 0;
                result.Append(text, at, text.Length - at);
                break;
            }

            result.Append(text, at, percent - at);
            at = Macro(text, percent, depth, result);
        }

        _work += result.Length + 1;
        return result.ToString();
    }

    /// <summary>Handles the macro at <paramref name="start"/> and returns where the text goes on.</summary>
    private int Macro(string text, int start, int depth, StringBuilder result)
    {
        var next = text[start + 1];
        if (next is '%')
        {
            result.Append('%');
            return start + 2;
        }

        if (next is '{' or '(' or '[')
        {
            var end = MacroSyntax.Close(text, start + 1);
            var whole = end < 0 ? text[start..] : text[start..(end + 1)];
            var value = end > 0 && next is '{' ? Braced(whole[2..^1], depth) : null;
            Append(result, value, whole);
            return start + whole.Length;
        }

        var name = MacroSyntax.NameAt(text, start + 1);
        Append(result, name.Length is 0 ? null : Named(name, depth), text.Substring(start, name.Length + 1));
        return start + 1 + name.Length;
    }

    private void Append(StringBuilder result, string? value, string written)
    {
        _complete &= value is not null;
        result.Append(value ?? written);
    }

    private string? Braced(string inner, int depth)
    {
        var flags = inner.TakeWhile(c => c is '!' or '?').ToArray();
        var name = MacroSyntax.WordAt(inner, flags.Length);
        var rest = inner[(flags.Length + name.Length)..];
        if (name.Length is 0 || (rest.Length > 0 && rest[0] is not (':' or ' ')))
        {
            return null;
        }

        if (flags.Length > 0)
        {
            return rest.Length > 0 && rest[0] is not ':' ? null : Conditional(flags, name, rest, depth);
        }

        return (name, rest) switch
        {
            // rpm expands the argument and then what came out of it.
            ("expand", [':', .. var body]) => Expand(Expand(body, depth + 1), depth + 1),
            ("with", [' ', .. var option]) => Option(option.Trim(), whenOn: "1", whenOff: "0"),
            ("without", [' ', .. var option]) => Option(option.Trim(), whenOn: "0", whenOff: "1"),
            (_, "") => Named(name, depth),
            _ => null,
        };
    }

    private string? Conditional(char[] flags, string name, string rest, int depth)
    {
        var (known, body) = table.Find(name);
        if (!known || !flags.Contains('?'))
        {
            return null;
        }

        var wantsDefined = flags.Count(flag => flag is '!') % 2 is 0;
        if (wantsDefined != body is not null)
        {
            return "";
        }

        return rest.Length > 0 ? Expand(rest[1..], depth + 1) : body is null ? "" : Expand(body, depth + 1);
    }

    private string? Option(string option, string whenOn, string whenOff) =>
        table.Find("with_" + option) switch
        {
            (true, { }) => whenOn,
            (true, null) => whenOff,
            _ => null,
        };

    private string? Named(string name, int depth) =>
        table.Find(name) is (true, { } body) ? Expand(body, depth + 1) : null;
}
