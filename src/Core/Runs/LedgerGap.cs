using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Facts;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>
/// What became of packages by the signed record of a repository, when the ledger still says otherwise: a run was killed after it wrote the one and
/// before it wrote the other. A ledger that never knew of the packages lacks nothing; it is another person's, or a new one.
/// </summary>
/// <param name="Kind">What was done.</param>
/// <param name="Restores">The revision that was gone back to, when the ledger does not know that; else null.</param>
internal sealed record LedgerGap(FactKind Kind, long? Restores)
{
    private static readonly ImmutableDictionary<string, FactKind> Kinds = ImmutableDictionary.CreateRange<string, FactKind>(
        [new(RecordedAct.RolledBack, FactKind.RolledBack), new(RecordedAct.Withdrawn, FactKind.Withdrawn), new(RecordedAct.Pruned, FactKind.Pruned)]);

    /// <summary>Packages that clients do not see any more.</summary>
    internal ImmutableArray<LifePackage> Gone { get; private init; } = [];

    /// <summary>Packages that they see again.</summary>
    internal ImmutableArray<LifePackage> Back { get; private init; } = [];

    /// <summary>Null when nothing is missing, or when the record is not about what is served.</summary>
    internal static LedgerGap? Of(RepositoryTarget target, RepositoryState state, Ledger ledger)
    {
        if (state is not { Served: { } served, Record: { } record, Lags: false } || !Kinds.TryGetValue(record.Current.Act, out var kind))
        {
            return null;
        }

        var (current, about) = (record.Current, About(target, ledger));
        var isServed = about.Where(fact => fact.Digest is not null && fact.Nevra is not null).GroupBy(fact => fact.Digest!.Value).ToDictionary(facts => facts.Key, facts => IsServed(facts.Last()));
        var removed = record.Removed.Where(package => package.Revision == current.Revision && isServed.GetValueOrDefault(package.File.Digest));
        var restored = served.Metadata.Packages.Where(package => kind is FactKind.RolledBack && !isServed.GetValueOrDefault(package.File.Digest, true));
        var gap = new LedgerGap(kind, about.Exists(fact => IsGoingBack(fact, current.Revision)) ? null : current.Restores)
        {
            Gone = [.. removed.Select(package => new LifePackage(package.Nevra, package.File.Digest, kind.ToWord()))],
            Back = [.. restored.Select(package => new LifePackage(package.Nevra, package.File.Digest, "restored"))],
        };
        return gap is { Gone: [], Back: [] } ? null : gap;
    }

    /// <summary>Writes it down as the run would have that was killed.</summary>
    internal async Task CloseAsync(LifeTools tools, RepositoryTarget target, LifeReceipt receipt)
    {
        // Not cancelled: it is served already.
        if (Restores is { } revision)
        {
            await tools.RememberAsync(new Fact(FactKind.RolledBack).With("restores", revision.ToString(CultureInfo.InvariantCulture)), target, receipt, CancellationToken.None);
        }

        await tools.RememberAsync(Kind, target, receipt with { Packages = Gone }, CancellationToken.None);
        await tools.RememberAsync(FactKind.Published, target, receipt with { Packages = Back }, CancellationToken.None);
    }

    private static List<Fact> About(RepositoryTarget target, Ledger ledger) =>
    [
        .. ledger.Facts.Where(fact => (IsServed(fact) || Kinds.ContainsValue(fact.Kind))
            && fact.Target == target.Target.Name && fact.Details.GetValueOrDefault(FactDetail.Repository) == target.Repository.Name),
    ];

    private static bool IsServed(Fact fact) => fact.Kind is FactKind.Published or FactKind.Promoted;

    private static bool IsGoingBack(Fact fact, long revision) =>
        fact is { Kind: FactKind.RolledBack, Nevra: null } && fact.Details.GetValueOrDefault(FactDetail.Revision) == revision.ToString(CultureInfo.InvariantCulture);
}
