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
        var hash = target.Fragment.TrimStart('#').Split('&').FirstOrDefault(part => part.StartsWith(sha256, StringComparison.Ordinal));
        return new(file, new Uri(target.GetLeftPart(UriPartial.Query)))
        {
            Sha256 = hash?[sha256.Length..],
            Yanked = tag["data-yanked"],
        };
    }
}
