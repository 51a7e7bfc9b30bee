using System.Collections.Immutable;

namespace DotnetRelease.Runs;

/// <summary>
/// The packages of a release as they lie in the result folders: those that were built from exactly the planned inputs. Looked for once;
/// who changes them says so.
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

        var known = world.Machine.Cache.Known;
        var records = await new BuildRecords(known).ReadAsync(world.Workspace, RpmRequest.DefaultOutput, ct);
        var files = ImmutableArray.CreateBuilder<ShipFile>();
        foreach (var (rpm, target) in plan.Builds.Rpms.SelectMany(rpm => rpm.Targets.Select(target => (rpm, target))))
        {
            if (records.FirstOrDefault(record => record.Rpm == rpm.Name && record.InputsKey == target.InputsKey) is not { } record)
            {
                return null;
            }

            foreach (var file in record.Files)
            {
                var path = world.Workspace.Resolve(Path.Combine(RpmRequest.DefaultOutput, target.Name, Path.GetFileName(file.Name)));
                files.Add(new(rpm.Name, target.Name, path, await known.OfFileAsync(path, ct)));
            }
        }

        return _found = files.ToImmutable();
    }

    /// <summary>The files of a release that was built.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ShipResultGone"/>: somebody took one away since.</exception>
    internal async Task<ImmutableArray<ShipFile>> TakeAsync(CancellationToken ct) => await FindAsync(ct)
        ?? throw new ReleaseException(Fault.ShipResultGone, $"A package of {plan.Tag.Name} that was built is not in '{RpmRequest.DefaultOutput}' any more.");

    /// <summary>They were built or signed: look again.</summary>
    internal void Forget() => _found = null;
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
