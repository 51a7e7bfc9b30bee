using System.Net;
using System.Text;

namespace DotnetRelease.Sources;

/// <summary>
/// Reads the anchors of a project page in HTML, PEP 503. Pages come from many servers and from hand, so anything that is no anchor is
/// passed over; one pass, no nesting, no memory of the page's structure.
/// </summary>
internal static class IndexHtml
{
    internal static IndexPage Read(Uri url, ReadOnlyMemory<byte> bytes)
    {
        var html = Encoding.UTF8.GetString(bytes.Span);
        var links = new List<IndexLink>();
        var at = url;
        for (var position = 0; (position = html.IndexOf('<', position)) >= 0;)
        {
            if (string.CompareOrdinal(html, position, "<!--", 0, 4) is 0)
            {
                position = html.IndexOf("-->", position, StringComparison.Ordinal) is >= 0 and var end ? end : html.Length;
                continue;
            }

            var tag = HtmlTag.Read(html, position);
            position = tag.End;
            if (tag.Name is "base" && tag["href"] is { } root && Uri.TryCreate(url, root, out var moved))
            {
                at = moved;
            }
            else if (tag.Name is "a" && tag["href"] is { } href && Uri.TryCreate(at, href, out var target))
            {
                links.Add(Link(target, tag));
            }
        }

        return new(url, links);
    }

    private static IndexLink Link(Uri target, HtmlTag tag)
    {
        // Decoded exactly once: a second time would let "%252F" become a path.
        var path = target.AbsolutePath;
        var file = Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
        const string sha256 = "sha256=";
        return new(file, new Uri(target.GetLeftPart(UriPartial.Query)))
        {
            Sha256 = target.Fragment.TrimStart('#').Split('&').FirstOrDefault(part => part.StartsWith(sha256, StringComparison.Ordinal))?[sha256.Length..],
            Yanked = tag["data-yanked"],
        };
    }
}

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
