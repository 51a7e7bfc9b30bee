using System.Text.RegularExpressions;

namespace DotnetRelease.Metadata;

/// <summary>Finds what a changelog entry refers to.</summary>
internal static partial class ReferenceIds
{
    /// <summary>Names of vulnerabilities, upper case for CVE, each once, in order of appearance.</summary>
    internal static IEnumerable<NoticeReference> Vulnerabilities(string text) => Vulnerability().Matches(text)
        .Select(match => match.Value.StartsWith("ghsa", StringComparison.OrdinalIgnoreCase) ? $"GHSA{match.Value[4..].ToLowerInvariant()}" : match.Value.ToUpperInvariant())
        .Distinct(StringComparer.Ordinal)
        .Select(id => new NoticeReference(
            id, id[0] is 'C' ? "cve" : "other", id[0] is 'C' ? $"https://www.cve.org/CVERecord?id={id}" : $"https://github.com/advisories/{id}"));

    /// <summary>Bugs whose tracker the entry names, as Fedora and openSUSE write them.</summary>
    internal static IEnumerable<NoticeReference> Bugs(string text) => Bug().Matches(text)
        .Select(match => (Tracker: match.Groups["tracker"].Value.ToLowerInvariant(), Number: match.Groups["number"].Value))
        .Distinct()
        .Select(bug => new NoticeReference(
            bug.Number, "bugzilla", $"https://{(bug.Tracker is "rhbz" ? "bugzilla.redhat.com" : "bugzilla.suse.com")}/show_bug.cgi?id={bug.Number}"));

    [GeneratedRegex(@"\b(CVE-\d{4}-\d{4,19}|GHSA(-[23456789cfghjmpqrvwx]{4}){3})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Vulnerability();

    [GeneratedRegex(@"\b(?<tracker>rhbz|bsc|boo)#(?<number>\d{1,12})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Bug();
}
