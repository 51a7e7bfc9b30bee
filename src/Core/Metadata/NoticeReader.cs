using System.Buffers.Text;
using System.Collections.Immutable;
using System.Net;
using System.Text;

namespace DotnetRelease.Metadata;

/// <summary>
/// Makes the notices of a repository from what its metadata says about the packages. They follow from the set of packages alone, so
/// the same packages give the same notices, and a package that goes takes its notice along.
/// </summary>
internal static class NoticeReader
{
    private const string SourceEnding = ".src.rpm";

    /// <summary>One notice for each source package whose newest changelog entry is known, ordered by id.</summary>
    /// <param name="packages">Ordered by location.</param>
    /// <param name="project">First part of the ids.</param>
    internal static ImmutableArray<Notice> Read(ImmutableArray<IndexedPackage> packages, string project)
    {
        var notices = ImmutableArray.CreateBuilder<Notice>();
        foreach (var built in packages.GroupBy(SourceOf, StringComparer.Ordinal))
        {
            if (built.Select(package => Newest(package.Other.Span)).FirstOrDefault(entry => entry is not null) is var (text, time))
            {
                var title = built.Key.EndsWith(SourceEnding, StringComparison.Ordinal) ? built.Key[..^SourceEnding.Length] : built.Key;
                notices.Add(new Notice($"{project}-{title}", text, DateTimeOffset.FromUnixTimeSeconds(time))
                {
                    Title = title,
                    Packages = [.. built],
                    References = [.. ReferenceIds.Vulnerabilities(text), .. ReferenceIds.Bugs(text)],
                });
            }
        }

        return [.. notices.OrderBy(notice => notice.Id, StringComparer.Ordinal)];
    }

    /// <summary>File name of the source package; of a source package its own.</summary>
    private static string SourceOf(IndexedPackage package)
    {
        var xml = package.Primary.Span;
        var text = xml.IndexOf("<rpm:sourcerpm>"u8) is var start and >= 0 ? xml[(start + "<rpm:sourcerpm>"u8.Length)..] : default;
        return text.IndexOf((byte)'<') is var length and > 0 ? Plain(text[..length]) : package.Nevra.FileName;
    }

    /// <summary>Text and time of the last entry: metadata has the newest there.</summary>
    private static (string Text, long Time)? Newest(ReadOnlySpan<byte> xml)
    {
        if (xml.LastIndexOf("<changelog "u8) is not (var start and >= 0))
        {
            return null;
        }

        var entry = xml[start..];
        var (date, open, close) = (entry.IndexOf(" date=\""u8), entry.IndexOf((byte)'>'), entry.IndexOf("</changelog>"u8));
        return date >= 0 && date < open && open < close && Utf8Parser.TryParse(entry[(date + " date=\""u8.Length)..], out uint time, out _)
            ? (Plain(entry[(open + 1)..close]), time)
            : null;
    }

    private static string Plain(ReadOnlySpan<byte> xml) => WebUtility.HtmlDecode(Encoding.UTF8.GetString(xml));
}
