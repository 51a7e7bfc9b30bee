namespace DotnetRelease.Specs;

internal enum SectionKind
{
    Preamble,
    Package,
    SourceList,
    PatchList,
    Files,
    Changelog,
    Other,
}

/// <summary>The section that a line opens.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Name">The package it is for; null for the main one.</param>
/// <param name="IsFullName">Given with <c>-n</c>: not to be put behind the main name.</param>
internal readonly record struct SpecSection(SectionKind Kind, string? Name = null, bool IsFullName = false)
{
    private static readonly HashSet<string> Others = new(StringComparer.Ordinal)
    {
        "%description", "%prep", "%generate_buildrequires", "%conf", "%build", "%install", "%check", "%clean", "%pre", "%post", "%preun", "%postun",
        "%pretrans", "%posttrans", "%preuntrans", "%postuntrans", "%verifyscript", "%triggerin", "%triggerun", "%triggerpostun", "%triggerprein",
        "%trigger", "%filetriggerin", "%filetriggerun", "%filetriggerpostun", "%transfiletriggerin", "%transfiletriggerun", "%transfiletriggerpostun",
        "%end",
    };

    public static SpecSection Preamble { get; } = new(SectionKind.Preamble);

    /// <summary>Null when the line opens no section. rpm wants section names at the very start of a line.</summary>
    public static SpecSection? TryParse(string line)
    {
        if (line.Length is 0 || line[0] is not '%')
        {
            return null;
        }

        var words = line.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return words[0] switch
        {
            "%package" => Named(SectionKind.Package, words),
            "%files" => Named(SectionKind.Files, words),
            "%changelog" => new(SectionKind.Changelog),
            "%sourcelist" => new(SectionKind.SourceList),
            "%patchlist" => new(SectionKind.PatchList),
            var other => Others.Contains(other) ? new(SectionKind.Other) : null,
        };
    }

    private static SpecSection Named(SectionKind kind, string[] words)
    {
        for (var at = 1; at < words.Length; at++)
        {
            switch (words[at])
            {
                case "-n" when at + 1 < words.Length:
                    return new(kind, words[at + 1], IsFullName: true);
                case "-f":
                    at++;
                    break;
                case var word when word[0] is not '-':
                    return new(kind, word);
            }
        }

        return new(kind);
    }
}
