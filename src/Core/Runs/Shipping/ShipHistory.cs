using DotnetRelease.Facts;

namespace DotnetRelease.Runs.Shipping;

/// <summary>What the ledger knows about releases: it is asked how far one came only for words and for the tag; the world decides.</summary>
/// <param name="ledger">The ledger.</param>
internal sealed class ShipHistory(Ledger ledger)
{
    private static readonly FactKind[] Outward = [FactKind.Uploaded, FactKind.Published, FactKind.Promoted, FactKind.Released];

    /// <summary>The release that was begun last and not finished; null: none.</summary>
    internal Fact? Begun() => ledger.Facts.FindLast(fact => fact.Kind is FactKind.Planned or FactKind.Released && fact.Details.ContainsKey(FactDetail.Tag)) is { Kind: FactKind.Planned } planned
        ? planned
        : null;

    /// <summary>The last plan of a tag, or null.</summary>
    internal Fact? PlanOf(string tag) => ledger.Facts.FindLast(fact => fact.Kind is FactKind.Planned && fact.Details.GetValueOrDefault(FactDetail.Tag) == tag);

    /// <summary>Whether others could see something of a release after it was planned.</summary>
    internal bool WentOut(Fact planned) => ledger.Facts.Skip(ledger.Facts.IndexOf(planned) + 1).Any(fact => Outward.Contains(fact.Kind));

    /// <summary>Whether the same was written before, by whichever run: of a package in a repository it does not matter who put it how.</summary>
    internal bool Knows(Fact fact) => fact.Kind switch
    {
        FactKind.Failed => false,
        FactKind.Planned => PlanOf(fact.Details[FactDetail.Tag])?.Digest == fact.Digest,
        FactKind.Published or FactKind.Promoted => IsKnown(fact, FactDetail.Repository),
        _ => IsKnown(fact, FactDetail.Tag),
    };

    private bool IsKnown(Fact fact, string detail) => ledger.Facts.Exists(other =>
        other.Kind == fact.Kind && other.Nevra == fact.Nevra && other.Target == fact.Target && other.Digest == fact.Digest && IsSame(other, fact, detail)
        && (fact.Nevra is not null || (other.Package == fact.Package && other.Where == fact.Where)));

    private static bool IsSame(Fact one, Fact other, string detail) => one.Details.GetValueOrDefault(detail) == other.Details.GetValueOrDefault(detail);
}
