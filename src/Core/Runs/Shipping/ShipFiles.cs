using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs.Shipping;

/// <summary>
/// The packages of a release as they lie in the result folders: built from exactly the planned inputs, or, where nobody built them here,
/// with the bytes that the first repository serves under the planned names. Looked for once; who changes them says so.
/// </summary>
/// <param name="world">Where.</param>
/// <param name="plan">Which.</param>
internal sealed class ShipFiles(ShipWorld world, ShipPlan plan)
{
    private ImmutableArray<ShipFile>? _found;

    /// <summary>The files of every planned target; null when one of them has yet to be built.</summary>
    internal async Task<ImmutableArray<ShipFile>?> FindAsync(CancellationToken ct)
    {
        if (_found is not null)
        {
            return _found;
        }

        var (files, unbuilt) = await BuiltAsync(ct);
        foreach (var (served, path) in (await ServedAsync(unbuilt, ct)).SelectMany(each => each.Packages.Select(package => (package, PathOf(each, package)))))
        {
            if (!File.Exists(path.Path) || await world.Machine.Cache.Known.OfFileAsync(path.Path, ct) != served.File.Digest)
            {
                return null;
            }

            unbuilt.RemoveAll(each => each.Rpm.Name == path.Rpm && each.Target.Name == path.Target);
            files.Add(path with { Sha256 = served.File.Digest });
        }

        return unbuilt is [] ? _found = [.. files] : null;
    }

    /// <summary>The files of a release that was built.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ShipResultGone"/>: somebody took one away since.</exception>
    internal async Task<ImmutableArray<ShipFile>> TakeAsync(CancellationToken ct) => await FindAsync(ct)
        ?? throw new ReleaseException(Fault.ShipResultGone, $"A package of {plan.Tag.Name} that was built is not in '{RpmRequest.DefaultOutput}' any more.");

    /// <summary>What is published already and not here: the same version is never built twice with different bytes.</summary>
    internal async Task<ImmutableArray<(ServedPlace Place, IndexedPackage Package, string Path)>> ReusableAsync(CancellationToken ct)
    {
        var reusable = ImmutableArray.CreateBuilder<(ServedPlace, IndexedPackage, string)>();
        foreach (var each in await ServedAsync((await BuiltAsync(ct)).Unbuilt, ct))
        {
            foreach (var package in each.Packages)
            {
                var path = PathOf(each, package).Path;
                if (!File.Exists(path) || await world.Machine.Cache.Known.OfFileAsync(path, ct) != package.File.Digest)
                {
                    reusable.Add((each.Place, package, path));
                }
            }
        }

        return reusable.ToImmutable();
    }

    /// <summary>The part of the plan that has to be built: what is neither built nor published.</summary>
    internal async Task<ReleasePlan> UnbuiltAsync(CancellationToken ct)
    {
        var (_, unbuilt) = await BuiltAsync(ct);
        var served = (await ServedAsync(unbuilt, ct)).Select(each => (each.Rpm.Name, each.Target.Name)).ToHashSet();
        var rest = unbuilt.Where(each => !served.Contains((each.Rpm.Name, each.Target.Name))).Select(each => each.Target).ToHashSet(ReferenceEqualityComparer.Instance);
        return plan.Builds with
        {
            Rpms = [.. plan.Builds.Rpms.Select(rpm => rpm with { Targets = [.. rpm.Targets.Where(rest.Contains)] }).Where(rpm => !rpm.Targets.IsEmpty)],
        };
    }

    /// <summary>They were built or signed: look again.</summary>
    internal void Forget() => _found = null;

    private async Task<(List<ShipFile> Files, List<Planned> Unbuilt)> BuiltAsync(CancellationToken ct)
    {
        var known = world.Machine.Cache.Known;
        var records = await new BuildRecords(known).ReadAsync(world.Workspace, RpmRequest.DefaultOutput, ct);
        var (files, unbuilt) = (new List<ShipFile>(), new List<Planned>());
        foreach (var (rpm, target) in plan.Builds.Rpms.SelectMany(rpm => rpm.Targets.Select(target => (rpm, target))))
        {
            var record = records.FirstOrDefault(record => record.Rpm == rpm.Name && record.InputsKey == target.InputsKey);
            if (record is null)
            {
                unbuilt.Add(new(rpm, target));
            }

            foreach (var file in record?.Files ?? [])
            {
                var path = PathOf(target.Name, Path.GetFileName(file.Name));
                files.Add(new(rpm.Name, target.Name, path, await known.OfFileAsync(path, ct)));
            }
        }

        return (files, unbuilt);
    }

    /// <summary>Those whose every planned package is served.</summary>
    private async Task<ImmutableArray<Served>> ServedAsync(List<Planned> unbuilt, CancellationToken ct)
    {
        if (plan.Staging is null || unbuilt is [])
        {
            return [];
        }

        var places = await ServedPlace.ReadAllAsync(world.Workspace, [plan.Staging], ct);
        var found = ImmutableArray.CreateBuilder<Served>();
        foreach (var (rpm, target) in unbuilt)
        {
            var place = Array.Find(places, place => place.Target == target.Name);
            var packages = target.Nevras.Select(nevra => place?.Metadata?.Packages.FirstOrDefault(package => StatusFiles.IsFileOf(nevra, package.Nevra.FileName))).ToList();
            if (packages.TrueForAll(package => package is not null))
            {
                found.Add(new(rpm, target, place!, [.. packages.Select(package => package!)]));
            }
        }

        return found.ToImmutable();
    }

    private ShipFile PathOf(Served served, IndexedPackage package) => new(served.Rpm.Name, served.Target.Name, PathOf(served.Target.Name, Path.GetFileName(package.File.Location)), package.File.Digest);

    private string PathOf(string target, string name) => world.Workspace.Resolve(Path.Combine(RpmRequest.DefaultOutput, target, name));

    private sealed record Planned(PlannedRpm Rpm, PlannedTarget Target);

    private sealed record Served(PlannedRpm Rpm, PlannedTarget Target, ServedPlace Place, ImmutableArray<IndexedPackage> Packages);
}

/// <summary>One package of a release.</summary>
/// <param name="Rpm">The settings' name of the RPM.</param>
/// <param name="Target">The settings' name of the target.</param>
/// <param name="Path">Full path.</param>
/// <param name="Sha256">Of the file as it is.</param>
internal sealed record ShipFile(string Rpm, string Target, string Path, Digest Sha256)
{
    /// <summary>Name of the file.</summary>
    internal string Name => System.IO.Path.GetFileName(Path);

    /// <summary><c>TARGET/FILE</c>: packages without architecture have one name on every distro.</summary>
    internal string Label => $"{Target}/{Name}";
}
