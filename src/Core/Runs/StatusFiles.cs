using System.Collections.Immutable;
using System.Text.RegularExpressions;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;
using DotnetRelease.Runs.Shipping;

namespace DotnetRelease.Runs;

/// <summary>Finds the files of every planned RPM: in the result folders, and in repositories.</summary>
/// <param name="world">Where.</param>
/// <param name="places">What repositories serve.</param>
internal sealed partial class StatusFiles(ShipWorld world, ServedPlace[] places)
{
    /// <summary>The rows without drift of the ledger; packages that differ between disk and repository carry that already.</summary>
    internal async Task<ImmutableArray<PackageStatus>> FindAsync(ReleasePlan plan, ImmutableArray<BuildRecord> built, CancellationToken ct)
    {
        var rows = ImmutableArray.CreateBuilder<PackageStatus>();
        var signed = await SignedAsync(built, ct);
        foreach (var (rpm, target) in plan.Rpms.SelectMany(rpm => rpm.Targets.Select(target => (rpm, target))))
        {
            rows.Add(await RowAsync(rpm, target, built, signed, ct));
        }

        return rows.ToImmutable();
    }

    private async Task<PackageStatus> RowAsync(PlannedRpm rpm, PlannedTarget target, ImmutableArray<BuildRecord> built, HashSet<string> signed, CancellationToken ct)
    {
        var record = built.LastOrDefault(each => each.Rpm == rpm.Name && each.Target == target.Name && each.Arch == target.Arch
            && (each.InputsKey == target.InputsKey || target.ImageDigest is null) && each.Files.All(file => target.Nevras.Any(nevra => IsFileOf(nevra, file.Name))));
        var names = record?.Files.Select(file => Path.GetFileName(file.Name)) ?? Served(target);
        var (files, drift) = (ImmutableArray.CreateBuilder<FileStatus>(), ImmutableArray.CreateBuilder<Drift>());
        foreach (var name in names.OrderBy(name => name.EndsWith(".src.rpm", StringComparison.Ordinal)).ThenBy(name => name, StringComparer.Ordinal))
        {
            var path = record is null ? null : PathOf(target.Name, name);
            var here = path is null ? null : new FileStatus(name, signed.Contains(path) ? PackageState.Signed : PackageState.Built, await world.Machine.Cache.Known.OfFileAsync(path, ct), Path.GetRelativePath(world.Workspace.Folder, path));
            files.Add(Furthest(target.Name, name, here, drift));
        }

        if (files.Count is 0)
        {
            files.AddRange(target.Nevras.Select(nevra => new FileStatus(nevra, PackageState.Planned, null, "")));
        }

        var least = files.MinBy(file => file.State)!;
        return new PackageStatus(rpm.Name, target.Name, rpm.Version, least.State)
        {
            Where = least.State is PackageState.Planned ? "" : Path.GetDirectoryName(least.Where) is { } folder && least.State < PackageState.Published ? folder : least.Where[..(least.Where.LastIndexOf('/') + 1)],
            Files = files.ToImmutable(),
            Drift = drift.ToImmutable(),
        };
    }

    /// <summary>How far a file has come, from the last repository to the first; one that serves other bytes is drift.</summary>
    private FileStatus Furthest(string target, string name, FileStatus? here, ImmutableArray<Drift>.Builder drift)
    {
        FileStatus? best = here;
        foreach (var place in places.Where(place => place.Target == target))
        {
            if (place.Find(name) is not { } served)
            {
                continue;
            }

            if (here?.Sha256 is { } digest && served.File.Digest != digest)
            {
                drift.Add(new Drift("different", $"{place.Repository.Name} {target}", $"{place.Repository.Name} serves {name} with sha256 {served.File.Digest.Hex}, and here it has {digest.Hex}."));
                continue;
            }

            var state = IsLast(place.Repository) ? PackageState.Live : PackageState.Published;
            best = best is null || best.State <= state ? new FileStatus(name, state, served.File.Digest, place.AddressOf(served)) : best;
        }

        return best ?? new FileStatus(name, PackageState.Planned, null, "");
    }

    private bool IsLast(RepositorySettings repository) => !world.Workspace.Settings.Repositories.Any(other => other.PromoteFrom == repository.Name);

    private IEnumerable<string> Served(PlannedTarget target) => places
        .Where(place => place.Target == target.Name)
        .SelectMany(place => place.Metadata?.Packages ?? [])
        .Select(package => Path.GetFileName(package.File.Location))
        .Where(name => target.Nevras.Any(nevra => IsFileOf(nevra, name)))
        .Distinct(StringComparer.Ordinal);

    private string PathOf(string target, string name) => world.Workspace.Resolve(Path.Combine(RpmRequest.DefaultOutput, target, name));

    /// <summary>The results that are well signed by the project's key. Without its public key nothing can be said to be signed.</summary>
    private async Task<HashSet<string>> SignedAsync(ImmutableArray<BuildRecord> built, CancellationToken ct)
    {
        if (world.Workspace.Settings.Signing is not { Key: var key } || built.IsEmpty)
        {
            return [];
        }

        try
        {
            ImmutableArray<string> paths = [.. built.SelectMany(record => record.Files.Select(file => PathOf(record.Target, Path.GetFileName(file.Name)))).Distinct(StringComparer.Ordinal)];
            var found = await RpmSigner.PreviewAsync(world.Gpg, key, paths, ct);
            return [.. found.Where(one => one.Verdict.IsGood).Select(one => one.Path)];
        }
        catch (ReleaseException ex)
        {
            world.Reporter.Warning($"Whether packages are signed is not known: {ex.Message}");
            return [];
        }
    }

    /// <summary>Whether a file has the name of a planned package. A dist tag that only the image knows may be anything.</summary>
    internal static bool IsFileOf(string nevra, string fileName) => Regex.IsMatch(
        fileName,
        $@"\A{Regex.Escape(Epoch().Replace(nevra, "-")).Replace(Regex.Escape("%{?dist}"), "[^-]*", StringComparison.Ordinal)}\.rpm\z",
        RegexOptions.CultureInvariant,
        TimeSpan.FromSeconds(1));

    [GeneratedRegex(@"-[0-9]+:")]
    private static partial Regex Epoch();
}
