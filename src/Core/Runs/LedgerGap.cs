using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Facts;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>
/// What became of packages by the signed record of a repository, when the ledger still says otherwise: a run was killed after it wrote the one and
/// before it wrote the other. A ledger that never knew of the packages lacks nothing; it is another person's, or a new one.
/// </summary>
/// <param name="Restores">The revision that was gone back to, when the ledger does not know that; else null.</param>
/// <param name="Missing">What it has to say of packages, in the order in which the killed run would have said it.</param>
internal sealed record LedgerGap(long? Restores, ImmutableArray<MissingFact> Missing)
{
    private static readonly ImmutableDictionary<string, FactKind> Kinds = ImmutableDictionary.CreateRange<string, FactKind>(
    [
        new(RecordedAct.RolledBack, FactKind.RolledBack), new(RecordedAct.Withdrawn, FactKind.Withdrawn), new(RecordedAct.Pruned, FactKind.Pruned), new(RecordedAct.Promoted, FactKind.Promoted),
    ]);

    /// <summary>Each package once.</summary>
    internal ImmutableArray<LifePackage> Packages => [.. Missing.Select(one => one.Package).DistinctBy(package => package.Sha256)];

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
        var gap = new LedgerGap(about.Exists(fact => IsGoingBack(fact, current.Revision)) ? null : current.Restores,
        [
            .. removed.Select(package => new MissingFact(kind, new LifePackage(package.Nevra, package.File.Digest, kind.ToWord()))),
            .. restored.Select(package => new MissingFact(FactKind.Published, new LifePackage(package.Nevra, package.File.Digest, "restored"))),
            .. kind is FactKind.Promoted ? OfPromotion(served.Metadata.Packages, current.Revision, about, ledger) : [],
        ]);
        return gap.Missing.IsEmpty ? null : gap;
    }

    /// <summary>Writes down what is missing, if anything is, as the run would have that was killed.</summary>
    internal static async Task CloseAsync(LifeTools tools, RepositoryTarget target, RepositoryState state)
    {
        if (Of(target, state, tools.Ledger) is not { } gap)
        {
            return;
        }

        // Not cancelled: it is served already.
        var receipt = LifeReceipt.Of(target, state.Served!);
        if (gap.Restores is { } revision)
        {
            await tools.RememberAsync(new Fact(FactKind.RolledBack).With("restores", revision.ToString(CultureInfo.InvariantCulture)), target, receipt, CancellationToken.None);
        }

        foreach (var (kind, package) in gap.Missing)
        {
            await tools.RememberAsync(kind, target, receipt with { Packages = [package] }, CancellationToken.None);
        }
    }

    /// <summary>Packages that the ledger knows from elsewhere and not from here, and those of which it knows only that they are served since this revision.</summary>
    private static IEnumerable<MissingFact> OfPromotion(ImmutableArray<IndexedPackage> served, long revision, List<Fact> about, Ledger ledger)
    {
        var elsewhere = ledger.Facts.Select(fact => fact.Digest).OfType<Digest>().ToHashSet();
        var here = about.Where(IsServed).ToLookup(fact => fact.Digest);
        var promoted = served.Where(package => here[package.File.Digest].Any()
            ? here[package.File.Digest].All(fact => fact.Kind is FactKind.Published && IsOf(fact, revision))
            : elsewhere.Contains(package.File.Digest)).ToList();
        return promoted.Where(package => !here[package.File.Digest].Any()).Select(package => new MissingFact(FactKind.Published, ToPromoted(package) with { Location = package.File.Location }))
            .Concat(promoted.Select(package => new MissingFact(FactKind.Promoted, ToPromoted(package))));
    }

    private static LifePackage ToPromoted(IndexedPackage package) => new(package.Nevra, package.File.Digest, FactKind.Promoted.ToWord());

    private static List<Fact> About(RepositoryTarget target, Ledger ledger) =>
    [
        .. ledger.Facts.Where(fact => (IsServed(fact) || Kinds.ContainsValue(fact.Kind))
            && fact.Target == target.Target.Name && fact.Details.GetValueOrDefault(FactDetail.Repository) == target.Repository.Name),
    ];

    private static bool IsServed(Fact fact) => fact.Kind is FactKind.Published or FactKind.Promoted;

    private static bool IsGoingBack(Fact fact, long revision) => fact is { Kind: FactKind.RolledBack, Nevra: null } && IsOf(fact, revision);

    private static bool IsOf(Fact fact, long revision) => fact.Details.GetValueOrDefault(FactDetail.Revision) == revision.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What the ledger does not say of a package.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="Package">To which package.</param>
internal sealed record MissingFact(FactKind Kind, LifePackage Package);
