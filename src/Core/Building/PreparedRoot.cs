using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Containers;

namespace DotnetRelease.Building;

/// <summary>
/// The image with everything that a spec needs installed. It is kept under a name made of its inputs, so that the next build with the
/// same ones starts at once.
/// </summary>
/// <param name="engine">Makes and keeps it.</param>
/// <param name="job">What it is for.</param>
/// <param name="steps">Runs the installs.</param>
internal sealed class PreparedRoot(IContainerEngine engine, BuildJob job, BuildStep steps)
{
    /// <summary>Raised when the way of preparing changes, so that older roots are not used.</summary>
    private const int Way = 2;

    /// <summary>A spec whose dynamic requirements are never satisfied would go round for ever.</summary>
    private const int DynamicRounds = 10;

    private string SpecName => Path.GetFileName(job.SpecPath);

    private string SpecInside => $"{BuildMacros.Specs}/{SpecName}";

    /// <summary>Names of the prepared layers to start a build from, lowest first.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PrepareFailed"/> and what the engine throws.</exception>
    public async Task<ImmutableArray<string>> GetAsync(BuildFolder folder, CancellationToken ct)
    {
        var spec = await File.ReadAllTextAsync(Path.Combine(folder.Specs, SpecName), Encoding.Latin1, ct);
        ImmutableArray<string> roots = [Name(spec)];
        if (!await engine.HasRootAsync(roots[0], ct))
        {
            await InstallAsync([], roots[0], folder, job.Prepare, ct);
        }

        return spec.Contains("%generate_buildrequires", StringComparison.Ordinal)
            ? await AddDynamicAsync(roots, folder, ct)
            : roots;
    }

    /// <summary>
    /// The inputs of a root: the image, how it is prepared, and the lines of the spec that can change what is required. That takes in
    /// more lines than needed, so that nothing needed is missed, but a new version or changelog entry does not count.
    /// </summary>
    private string Name(string spec)
    {
        var lines = spec.Split('\n').Select(line => line.Trim()).Where(DecidesRequirements);
        return Digest.Of(string.Join('\n', [$"{Way}", job.Image.Digest.Hex, .. job.Image.Layers.Select(layer => layer.DiffId.Hex), .. job.Prepare, "--", .. lines])).Hex;
    }

    private static bool DecidesRequirements(string line) =>
        line.StartsWith("BuildRequires", StringComparison.OrdinalIgnoreCase)
        || line.StartsWith("BuildConflicts", StringComparison.OrdinalIgnoreCase)
        || line.StartsWith("%if", StringComparison.Ordinal)
        || line.StartsWith("%el", StringComparison.Ordinal)
        || line.StartsWith("%endif", StringComparison.Ordinal)
        || line.StartsWith("%global", StringComparison.Ordinal)
        || line.StartsWith("%define", StringComparison.Ordinal)
        || line.StartsWith("%bcond", StringComparison.Ordinal)
        || line.StartsWith("%{?", StringComparison.Ordinal);

    /// <summary>Installs with the network on, in a container that sees the spec and nothing else of ours, and keeps the result.</summary>
    private async Task InstallAsync(ImmutableArray<string> below, string name, BuildFolder folder, ImmutableArray<string> commands, CancellationToken ct)
    {
        await using var container = await OpenAsync(below, ct);
        if (commands.IsEmpty)
        {
            commands = await DefaultCommandsAsync(container, ct);
        }

        foreach (var command in commands)
        {
            var script = command.Replace("{spec}", SpecInside, StringComparison.Ordinal);
            await steps.RunAsync("prepare", container, InPrepare(folder, script), Fault.PrepareFailed, [], ct);
        }

        await RootRecord.WriteAsync(container, ct);
        await container.SaveRootAsync(name, ct);
    }

    private async Task<ImmutableArray<string>> DefaultCommandsAsync(IContainer container, CancellationToken ct)
    {
        var manager = await FindManagerAsync(container, ct);
        return await HasAsync(container, "rpmbuild", ct) ? [manager.InstallRequirements] : [manager.InstallTools, manager.InstallRequirements];
    }

    private async Task<PackageManager> FindManagerAsync(IContainer container, CancellationToken ct)
    {
        foreach (var manager in PackageManager.Known)
        {
            if (await HasAsync(container, manager.Program, ct))
            {
                return manager;
            }
        }

        throw new ReleaseException(
            Fault.PrepareFailed, $"{job}: the image '{job.Image.Reference}' has none of {string.Join(", ", PackageManager.Known.Select(manager => manager.Program))}.")
        {
            Remedy = $"Say how to install the build requirements: prepare = [\"…\"] in [target.{job.Target.Name}].",
        };
    }

    private static async Task<bool> HasAsync(IContainer container, string program, CancellationToken ct) =>
        (await container.ReadAsync(new Sandbox("sh", "-c", $"command -v {program}"), ct)).ExitCode is 0;

    private Task<IContainer> OpenAsync(ImmutableArray<string> roots, CancellationToken ct) => RpmBuilder.OpenAsync(engine, job.Image, roots, ct);

    /// <summary>
    /// Requirements that the spec computes from its unpacked sources: rpmbuild writes those that are missing into a package of their
    /// own, which is installed on top, until nothing is missing. The sources are never in a container that has a network.
    /// </summary>
    private async Task<ImmutableArray<string>> AddDynamicAsync(ImmutableArray<string> roots, BuildFolder folder, CancellationToken ct)
    {
        for (var round = 0; round < DynamicRounds; round++)
        {
            var missing = await MissingAsync(roots, folder, ct);
            if (missing is null)
            {
                return roots;
            }

            var name = Digest.Of($"{roots[^1]} {(await Digest.OfFileAsync(missing, ct)).Hex}").Hex;
            if (!await engine.HasRootAsync(name, ct))
            {
                // The package with the requirements takes the spec's place in the folder that the container sees.
                var inside = $"{BuildMacros.Specs}/{Path.GetFileName(missing)}";
                await InstallAsync(roots, name, folder, [(await ManagerOfAsync(roots, ct)).InstallRequirements.Replace("{spec}", inside, StringComparison.Ordinal)], ct);
            }

            roots = [.. roots, name];
        }

        throw new ReleaseException(Fault.PrepareFailed, $"{job}: dynamic build requirements were still missing after {DynamicRounds} rounds of installing them.");
    }

    private async Task<string?> MissingAsync(ImmutableArray<string> roots, BuildFolder folder, CancellationToken ct)
    {
        await using var container = await OpenAsync(roots, ct);
        var sandbox = RpmBuilder.InBuild(folder, job.Epoch, ["rpmbuild", "-br", .. BuildMacros.Defines, SpecInside]);
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
        await RpmBuilder.CopyOutAsync(container, $"{results}/{name}", copy, ct);
        return copy;
    }

    private async Task<PackageManager> ManagerOfAsync(ImmutableArray<string> roots, CancellationToken ct)
    {
        await using var container = await OpenAsync(roots, ct);
        return await FindManagerAsync(container, ct);
    }

    private static Sandbox InPrepare(BuildFolder folder, string script) => new("sh", "-c", script)
    {
        Network = Network.Host,
        Environment = BuildMacros.Everywhere,
        Volumes = [new Volume(folder.Specs, BuildMacros.Specs, ReadOnly: true)],
    };
}
