using System.Collections.Immutable;

namespace DotnetRelease.Runs;

/// <summary>Puts drift where a reader looks for it: into the row of its package, else into a row of its own.</summary>
internal static class StatusRows
{
    internal static ReleaseStatus Join(ImmutableArray<PackageStatus> rows, ImmutableArray<PackageDrift> found)
    {
        var joined = rows.ToList();
        var rest = ImmutableArray.CreateBuilder<Drift>();
        foreach (var drift in found.DistinctBy(drift => (drift.Place, drift.Kind, drift.File, drift.File is null ? drift.Text : "")))
        {
            var places = joined.FindAll(row => row.Target == drift.Place.Target && (drift.File is null || row.Files.Any(file => file.Name == drift.File)));
            if (places.Count > 0)
            {
                joined = joined.ConvertAll(row => places.Contains(row) && !row.Drift.Contains(drift.ToDrift()) ? row with { Drift = row.Drift.Add(drift.ToDrift()) } : row);
            }
            else if (drift.File is null)
            {
                rest.Add(drift.ToDrift());
            }
            else
            {
                joined.Add(RowOf(drift));
            }
        }

        return new ReleaseStatus([.. joined]) { Drift = rest.ToImmutable() };
    }

    private static PackageStatus RowOf(PackageDrift drift)
    {
        var state = drift.Kind is "missing" ? PackageState.Signed : PackageState.Published;
        var (name, version) = drift.Nevra is { } nevra ? (nevra.Name, $"{nevra.Version}-{nevra.Release}") : (drift.Fact?.Package ?? drift.File!, drift.Fact?.Version ?? "");
        return new PackageStatus(name, drift.Place.Target, version, state)
        {
            Where = drift.Place.Place.BaseUrl.AbsoluteUri,
            Files = [new FileStatus(drift.File!, state, drift.Fact?.Digest, "")],
            Drift = [drift.ToDrift()],
        };
    }
}
