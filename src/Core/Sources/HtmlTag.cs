using System.Net;

namespace DotnetRelease.Sources;

/// <summary>One start tag.</summary>
/// <param name="Name">In lower case; empty for anything that is no start tag.</param>
/// <param name="End">Where reading goes on.</param>
internal sealed record HtmlTag(string Name, int End)
{
    private readonly Dictionary<string, string> _attributes = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>An attribute's value, decoded; empty when it has none, null when it is missing.</summary>
    internal string? this[string attribute] => _attributes.GetValueOrDefault(attribute);

    /// <summary>Reads the tag that starts with the <c>&lt;</c> at <paramref name="start"/>, as far as there is one.</summary>
    internal static HtmlTag Read(string html, int start)
    {
        var name = Word(html, start + 1);
        if (name.Length is 0)
        {
            return new("", start + 1);
        }

        var attributes = new List<(string Name, string Value)>();
        var position = start + 1 + name.Length;
        while (position < html.Length && html[position] is not '>')
        {
            if (Word(html, position) is { Length: > 0 } attribute)
            {
                (var value, position) = Value(html, position + attribute.Length);
                attributes.Add((attribute, WebUtility.HtmlDecode(value)));
            }
            else
            {
                position++;
            }
        }

        var tag = new HtmlTag(name.ToLowerInvariant(), position);
        foreach (var (attribute, value) in attributes)
        {
            // As browsers do: the first of two wins.
            tag._attributes.TryAdd(attribute, value);
        }

        return tag;
    }

    private static string Word(string html, int start)
    {
        var end = start;
        while (end < html.Length && (char.IsAsciiLetterOrDigit(html[end]) || html[end] is '-' or '_' or ':'))
        {
            end++;
        }

        return html[start..end];
    }

    private static (string Value, int End) Value(string html, int start)
    {
        var position = SkipSpace(html, start);
        if (position >= html.Length || html[position] is not '=')
        {
            return ("", start);
        }

        position = SkipSpace(html, position + 1);
        if (position < html.Length && html[position] is '"' or '\'')
        {
            var close = html.IndexOf(html[position], position + 1);
            return close < 0 ? ("", html.Length) : (html[(position + 1)..close], close + 1);
        }

        var end = position;
        while (end < html.Length && html[end] is not '>' && !char.IsWhiteSpace(html[end]))
        {
            end++;
        }

        return (html[position..end], end);
    }

    private static int SkipSpace(string html, int position)
    {
        while (position < html.Length && char.IsWhiteSpace(html[position]))
        {
            position++;
        }

        return position;
    }
}
