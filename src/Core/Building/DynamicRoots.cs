using System.Collections.Immutable;

namespace DotnetRelease.Building;

/// <summary>
/// Requirements that the spec computes from its unpacked sources: rpmbuild writes those that are missing into a package of their
/// own, which is installed on top, until nothing is missing. The sources are never in a container that has a network.
/// </summary>
/// <param name="means">What roots are made with.</param>
/// <param name="job">What they are for.</param>
/// <param name="steps">Runs rpmbuild.</param>
internal sealed class DynamicRoots(RootMeans means, BuildJob job, BuildStep steps)
{
    /// <summary>A spec whose dynamic requirements are never satisfied would go round for ever.</summary>
    private const int Rounds = 10;

    /// <summary>Adds roots until nothing is missing.</summary>
    /// <param name="roots">To begin with.</param>
    /// <param name="folder">What a build sees of this machine.</param>
    /// <param name="install">Makes those that are not there; null: nothing may be made.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>All of them, or null when one is not there and may not be made.</returns>
    public async Task<ImmutableArray<string>?> AddAsync(ImmutableArray<string> roots, BuildFolder folder, RootInstall? install, CancellationToken ct)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var missing = await MissingAsync(roots, folder, ct);
            if (missing is null)
            {
                return roots;
            }

            var name = Digest.Of($"{roots[^1]} {(await Digest.OfFileAsync(missing, ct)).Hex}").Hex;
            if (!await means.Engine.HasRootAsync(name, ct))
            {
                if (install is null)
                {
                    return null;
                }

                // The package with the requirements takes the spec's place in the folder that the container sees.
                await install.RunAsync(roots, _ => name, Path.GetFileName(missing), ct);
            }

            roots = [.. roots, name];
        }

        throw new ReleaseException(Fault.PrepareFailed, $"{job}: dynamic build requirements were still missing after {Rounds} rounds of installing them.");
    }

    /// <summary>The failure when they are not there and may not be fetched.</summary>
    public static ReleaseException Lacking(BuildJob job) =>
        new(Fault.OfflineLacks, $"{job}: the spec asks for more while it builds, and there is no prepared root that has it.");

    private async Task<string?> MissingAsync(ImmutableArray<string> roots, BuildFolder folder, CancellationToken ct)
    {
        await using var container = await RpmBuilder.OpenAsync(means.Engine, job.Image, roots, ct);
        var sandbox = RpmBuilder.InBuild(folder, job.Epoch, ["rpmbuild", "-br", .. BuildMacros.Defines, RpmBuilder.SpecInside(job)]);
        var code = await steps.RunAsync("requirements", container, sandbox, Fault.BuildFailed, [BuildStep.RequirementsMissing], ct);
        if (code is 0)
        {
            return null;
        }

        const string suffix = ".buildreqs.nosrc.rpm";
        const string results = BuildMacros.TopFolder + "/SRPMS";
        var entries = await container.ListAsync(results, ct);
        var name = entries.Select(entry => entry.Name).FirstOrDefault(name => name.EndsWith(suffix, StringComparison.Ordinal))
            ?? throw new ReleaseException(Fault.PrepareFailed, $"{job}: rpmbuild -br asked for more requirements but wrote no *{suffix}.");
        var copy = Path.Combine(folder.Specs, name);
        File.Delete(copy);
        await BuildResults.CopyOutAsync(container, $"{results}/{name}", copy, ct);
        return copy;
    }
}
