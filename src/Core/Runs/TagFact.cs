using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs;

/// <summary>What a decision was about, as far as it came: a refusal may end it before anything is known about the signer.</summary>
internal sealed class TagFact(string name, TagRequest request)
{
    internal TagObject? Tag { get; set; }

    internal TagSigner? Signer { get; set; }

    internal string? ListCommit { get; set; }

    internal string? Package { get; set; } = request.Package;

    internal string? Version { get; set; }

    internal Fact Accepted(TagVerdict verdict) => About(FactKind.TagAccepted).With(FactDetail.Commit, verdict.Commit);

    internal Fact Refused(ReleaseException refusal) => About(FactKind.TagRefused).With(FactDetail.Id, refusal.Fault.Id).With(FactDetail.Why, refusal.Message);

    /// <summary>Id of the tag object of a fact, or null.</summary>
    internal static string? TagIdOf(Fact fact) => fact.Details.GetValueOrDefault(FactDetail.TagObject);

    /// <summary>Whether the newest fact about the tag says the same already; asking twice is not two decisions.</summary>
    internal static bool IsKnown(ImmutableList<Fact> facts, Fact fact) =>
        facts.FindLast(each => each.Kind is FactKind.TagAccepted or FactKind.TagRefused && each.Details.GetValueOrDefault(FactDetail.Tag) == fact.Details[FactDetail.Tag]) is { } last
        && last.Kind == fact.Kind && last.Package == fact.Package && last.Version == fact.Version && last.Who == fact.Who && last.Details.SequenceEqual(fact.Details);

    private Fact About(FactKind kind)
    {
        var fact = new Fact(kind) { Package = Package, Version = Version, Who = Signer?.ToString() ?? "" };
        fact = fact.With(FactDetail.Tag, name).With("channel", request.Channel);
        fact = Tag is null ? fact : fact.With(FactDetail.TagObject, Tag.Id);
        return ListCommit is null ? fact : fact.With("list", ListCommit);
    }
}

/// <summary>What the ledger knows that matters for a tag.</summary>
internal sealed class TagHistory(ImmutableList<Fact> facts, TagFact about)
{
    internal TagFact About => about;

    /// <summary>Ids of the tag objects that were accepted.</summary>
    internal ImmutableArray<string> Accepted => [.. facts.Where(fact => fact.Kind is FactKind.TagAccepted).Select(TagFact.TagIdOf).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Every version of a package that ever became visible to others.</summary>
    internal IEnumerable<PastRelease> ReleasedOf(string package)
    {
        foreach (var fact in facts.Where(fact => string.Equals(fact.Package, package, StringComparison.Ordinal) && fact.Version is not null))
        {
            if (fact.Kind is FactKind.Published or FactKind.Promoted or FactKind.Released)
            {
                var version = VersionOf(fact);
                yield return new(version, $"{fact.Kind.ToWord()} on {fact.At:yyyy-MM-dd}", TagBefore(fact, version));
            }
        }
    }

    /// <summary>The tag that was accepted last before the release is the one it was made from.</summary>
    private string? TagBefore(Fact release, string version) =>
        facts.Take(facts.IndexOf(release)).LastOrDefault(fact => fact.Kind is FactKind.TagAccepted && fact.Package == release.Package && TagVersion.AreEqual(fact.Version ?? "", version)) is { } fact
            ? TagFact.TagIdOf(fact)
            : null;

    /// <summary>A fact about an RPM has its epoch and release, too, which are the packager's and not in a tag.</summary>
    private static string VersionOf(Fact fact) => fact.Nevra is null ? fact.Version! : Rpm.Evr.Parse(fact.Version!).Version;
}
