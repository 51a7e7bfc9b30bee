using System.Runtime.InteropServices;

namespace DotnetRelease.Specs;

/// <summary>A piece of one line.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ValueSpot(int Line, int Start, int Length)
{
    public static ValueSpot Of(SpecTag tag) => new(tag.Line, tag.Column, tag.Length);

    /// <summary>
    /// While the piece is nothing but a reference to a macro that the spec defines exactly once, goes to that definition. The label says where
    /// it ended.
    /// </summary>
    public static (ValueSpot Spot, string What) Follow(SpecDraft draft, ValueSpot spot, string what)
    {
        // A macro that refers to itself would go round for ever.
        for (var hop = 0; hop < 16; hop++)
        {
            if (MacroReference.Whole(draft.Text(spot)) is not { } name || DefinitionOf(draft, name) is not { } definition)
            {
                break;
            }

            (spot, what) = (definition, "%" + name);
        }

        return (spot, what);
    }

    /// <summary>The body of the only definition of a macro; null when there is none, or several, or one over several lines.</summary>
    public static ValueSpot? DefinitionOf(SpecDraft draft, string name)
    {
        ValueSpot? found = null;
        foreach (var line in draft.Editable)
        {
            var text = draft.Lines[line].Text;
            if (MacroDefinition.IsStart(text) && MacroDefinition.TryParse(text) is { } definition && string.Equals(definition.Name, name, StringComparison.Ordinal))
            {
                if (found is not null || definition.Body is null || text.EndsWith('\\'))
                {
                    return null;
                }

                found = new ValueSpot(line, definition.BodyStart, definition.Body.Length);
            }
        }

        return found;
    }
}

/// <summary>A reference to a macro inside a text: <c>%{name}</c>, <c>%{?name}</c> or <c>%name</c>.</summary>
internal readonly record struct MacroReference(string Name, int Start, int End)
{
    /// <summary>The macro's name when the text is one reference and nothing else.</summary>
    public static string? Whole(string text) => All(text) is [{ Start: 0 } only] && only.End == text.Length ? only.Name : null;

    /// <summary>All simple references of a text, from left to right; other macros are passed over.</summary>
    public static List<MacroReference> All(string text)
    {
        List<MacroReference> found = [];
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0 && at + 1 < text.Length; at = text.IndexOf('%', at))
        {
            var end = at + 2;
            if (text[at + 1] is '{' or '(' or '[')
            {
                end = MacroSyntax.Close(text, at + 1) + 1;
                if (end <= 0)
                {
                    break;
                }

                var inner = text[(at + 2)..(end - 1)].TrimStart('?');
                if (text[at + 1] is '{' && inner.Length > 0 && string.Equals(MacroSyntax.WordAt(inner, 0), inner, StringComparison.Ordinal))
                {
                    found.Add(new(inner, at, end));
                }
            }
            else if (MacroSyntax.NameAt(text, at + 1) is { Length: > 0 } name)
            {
                end = at + 1 + name.Length;
                found.Add(new(name, at, end));
            }

            if (end >= text.Length)
            {
                break;
            }

            at = end;
        }

        return found;
    }
}
