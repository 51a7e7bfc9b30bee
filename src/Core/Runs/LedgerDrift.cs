using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Facts;

namespace DotnetRelease.Runs;

/// <summary>What the ledger says was published and the world does not show, or shows otherwise.</summary>
/// <param name="facts">The ledger.</param>
/// <param name="places">What repositories serve.</param>
internal sealed class LedgerDrift(ImmutableList<Fact> facts, ServedPlace[] places)
{
    private static readonly FactKind[] Served = [FactKind.Published, FactKind.Promoted];
    private static readonly FactKind[] Gone = [FactKind.Withdrawn, FactKind.Pruned, FactKind.Superseded];

    /// <summary>Packages that are missing or different, and repositories that serve an older revision than they did.</summary>
    internal IEnumerable<PackageDrift> Find() => places.Where(place => place.Failure is null).SelectMany(Find);

    /// <summary>Packages that are served and that nobody here published; only where the ledger knows of any publication at all.</summary>
    internal IEnumerable<PackageDrift> Extra(ImmutableArray<PackageStatus> rows) =>
        from place in places
        where Of(place).Any(fact => Served.Contains(fact.Kind))
        let known = Of(place).Select(fact => fact.Nevra).ToHashSet(StringComparer.Ordinal)
        from package in place.Metadata?.Packages ?? []
        where !known.Contains(package.Nevra.ToString()) && !rows.Any(row => row.Target == place.Target && row.Files.Any(file => file.Sha256 == package.File.Digest))
        select new PackageDrift(place, package.Nevra, "extra", $"{place.Repository.Name} serves {package.Nevra} for {place.Target}, and the ledger does not know who published it.");

    private IEnumerable<PackageDrift> Find(ServedPlace place)
    {
        var about = Of(place).ToList();

        // Who rolled back on purpose wanted what came later to be gone.
        var since = about.FindLastIndex(fact => fact.Kind is FactKind.RolledBack);
        var revision = about.Skip(Math.Max(since, 0)).Select(RevisionOf).Max();
        if (revision is { } last && place.Metadata is { Repomd.Revision: var now } && now < last)
        {
            yield return new PackageDrift(place, null, "rolled-back", $"{place.Repository.Name} serves revision {now} for {place.Target}, which is below revision {last} that was published.");
        }

        foreach (var fact in about.Skip(since + 1).GroupBy(fact => fact.Nevra, StringComparer.Ordinal).Where(group => group.Key is not null).Select(group => group.Last()))
        {
            if (Served.Contains(fact.Kind) && Compare(place, fact) is var (kind, text))
            {
                yield return new PackageDrift(place, null, kind, text) { Fact = fact };
            }
        }
    }

    private static (string Kind, string Text)? Compare(ServedPlace place, Fact fact)
    {
        var served = place.Metadata?.Packages.FirstOrDefault(package => package.Nevra.ToString() == fact.Nevra);
        return served is null
            ? ("missing", $"{place.Repository.Name} does not serve {fact.Nevra} for {place.Target} any more; it was {fact.Kind.ToWord()} on {fact.At:yyyy-MM-dd HH:mm}Z.")
            : served.File.Digest != fact.Digest
                ? ("different", $"{place.Repository.Name} serves {fact.Nevra} for {place.Target} with sha256 {served.File.Digest.Hex}; {fact.Kind.ToWord()} was {fact.Digest?.Hex}.")
                : null;
    }

    private IEnumerable<Fact> Of(ServedPlace place) => facts.Where(fact =>
        (Served.Contains(fact.Kind) || Gone.Contains(fact.Kind) || fact.Kind is FactKind.RolledBack)
        && fact.Target == place.Target && fact.Details.GetValueOrDefault(FactDetail.Repository) == place.Repository.Name);

    private static long? RevisionOf(Fact fact) =>
        long.TryParse(fact.Details.GetValueOrDefault(FactDetail.Revision), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : null;
}

/// <summary>Drift of a place, not yet in its row.</summary>
/// <param name="Place">The repository and target.</param>
/// <param name="Nevra">Which package; null: see <see cref="Fact"/>, else the whole place.</param>
/// <param name="Kind">As <see cref="Drift.Kind"/>.</param>
/// <param name="Text">As <see cref="Drift.Text"/>.</param>
internal sealed record PackageDrift(ServedPlace Place, Nevra? Nevra, string Kind, string Text)
{
    /// <summary>The fact that the world contradicts, or null.</summary>
    internal Fact? Fact { get; init; }

    /// <summary>Name of the file it is about; null: the whole place.</summary>
    internal string? File => Nevra?.FileName ?? (Fact?.Nevra is { } text ? System.Text.RegularExpressions.Regex.Replace(text, "-[0-9]+:", "-") + ".rpm" : null);

    /// <summary>As the row has it.</summary>
    internal Drift ToDrift() => new(Kind, $"{Place.Repository.Name} {Place.Target}", Text);
}
