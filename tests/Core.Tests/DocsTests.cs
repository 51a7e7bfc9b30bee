using System.Text.RegularExpressions;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests;

/// <summary>The pages for users.</summary>
[TestClass]
public sealed partial class DocsTests
{
    [TestMethod]
    public void Every_link_leads_somewhere()
    {
        var dead =
            from page in Checkout.Pages()
            from link in Link().Matches(File.ReadAllText(page)).Select(match => match.Groups["to"].Value)
            where !link.Contains("://", StringComparison.Ordinal) && !IsAlive(page, link)
            select $"{Path.GetRelativePath(Checkout.Root, page)}: {link}";

        Assert.AreEqual("", string.Join('\n', dead));
    }

    [TestMethod]
    public void README_knows_every_page()
    {
        var readme = File.ReadAllText(Checkout.At("README.md"));

        var missing = Directory.EnumerateFiles(Checkout.At("docs"), "*.md").Select(page => $"(docs/{Path.GetFileName(page)})").Where(link => !readme.Contains(link, StringComparison.Ordinal));

        Assert.AreEqual("", string.Join('\n', missing));
    }

    private static bool IsAlive(string page, string link)
    {
        var (path, anchor) = link.Split('#') is [var file, var heading] ? (file, heading) : (link, null);
        var target = path.Length is 0 ? page : Path.GetFullPath(path, Path.GetDirectoryName(page)!);
        return anchor is null ? Path.Exists(target) : File.Exists(target) && Heading().Matches(File.ReadAllText(target)).Any(match => AnchorOf(match.Groups["text"].Value) == anchor);
    }

    /// <summary>As GitHub makes it: lower case, blanks are dashes, other signs go.</summary>
    private static string AnchorOf(string heading) => string.Concat(heading.ToLowerInvariant().Where(sign => char.IsLetterOrDigit(sign) || sign is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"(?<!`)\]\((?<to>[^)\s]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<text>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();
}
