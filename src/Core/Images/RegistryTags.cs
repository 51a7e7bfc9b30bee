using DotnetRelease.Http;

namespace DotnetRelease.Images;

/// <summary>The tags of a repository, for telling somebody who named a wrong one what there is (distribution specification, listing tags).</summary>
internal sealed class RegistryTags(RegistryClient client)
{
    private const int PageLimit = 20;
    private const int PageBytes = 1024 * 1024;
    private const int EntryLimit = 10_000;
    private const int Enough = 20;

    /// <summary>What to say about a tag that is not there, as sentences; empty when the registry does not tell its tags.</summary>
    internal async Task<string> WordsAsync(string wrong, CancellationToken ct)
    {
        try
        {
            var tags = await AllAsync(ct);
            var suggestion = Suggestion.For(wrong, tags) is { } near ? $" Did you mean '{near}'?" : "";
            return tags.Count is 0 ? "" : $"{suggestion} Its tags: {string.Join(", ", tags.Take(Enough))}{More(tags.Count)}.";
        }
        catch (ReleaseException)
        {
            // Many registries do not tell, or want another right for it; the first answer was what the user wanted to know.
            return "";
        }
    }

    private static string More(int count) => count > Enough ? $" and {count - Enough} more" : "";

    private async Task<SortedSet<string>> AllAsync(CancellationToken ct)
    {
        var tags = new SortedSet<string>(StringComparer.Ordinal);
        var first = client.Url("tags/list");
        Uri? next = first;
        for (var page = 0; next is not null && page < PageLimit && tags.Count < EntryLimit; page++)
        {
            var (found, link) = await PageAsync(next, ct);
            var before = tags.Count;
            tags.UnionWith(found.Where(tag => ReferenceGrammar.IsTag(tag)));

            // A page that brings nothing new leads in a circle.
            next = tags.Count > before ? Next(first, next, link) : null;
        }

        return tags;
    }

    private Task<(List<string> Tags, string? Link)> PageAsync(Uri url, CancellationToken ct) => client.AskAsync(
        new HttpAsk(url) { MaxBytes = PageBytes, Accept = "application/json", Once = true },
        async reply =>
        {
            reply.RequireOk();
            using var bytes = new MemoryStream();
            await reply.Content.CopyToAsync(bytes, ct);
            var list = OciJson.ParseObject("list of tags", bytes.ToArray()).Find("tags")?.Items(EntryLimit) ?? [];
            return (list.Select(tag => tag.Text()).ToList(), reply.Value("Link"));
        },
        ct);

    /// <summary>The target of <c>rel="next"</c> (RFC 8288). A server may not send us anywhere but to another page of the same list.</summary>
    private static Uri? Next(Uri first, Uri page, string? link)
    {
        var (open, close) = (link?.IndexOf('<', StringComparison.Ordinal) ?? -1, link?.IndexOf('>', StringComparison.Ordinal) ?? -1);
        return open >= 0 && close > open
            && link![close..].Replace("\"", "", StringComparison.Ordinal).Contains("rel=next", StringComparison.OrdinalIgnoreCase)
            && Uri.TryCreate(page, link[(open + 1)..close], out var next)
            && UrlRules.SameOrigin(first, next) && next.AbsolutePath == first.AbsolutePath && next.UserInfo.Length is 0
                ? next
                : null;
    }
}
