using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Planning;

namespace DotnetRelease.Building;

/// <summary>Installs what the distro has now, with the network on, in a container that sees the spec and nothing else of ours.</summary>
/// <param name="means">What roots are made with.</param>
/// <param name="job">What it is for.</param>
/// <param name="steps">Runs the installs.</param>
/// <param name="folder">Holds the spec.</param>
internal sealed class RootInstall(RootMeans means, BuildJob job, BuildStep steps, BuildFolder folder)
{
    /// <summary>Installs on top of other roots and keeps the result.</summary>
    /// <param name="below">Those roots, lowest first.</param>
    /// <param name="name">Of the new root, which may depend on what is in it.</param>
    /// <param name="spec">What is to be satisfied: a spec, or a package of requirements, in the folder of specs.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>The name.</returns>
    public async Task<string> RunAsync(ImmutableArray<string> below, Func<RootPackages, string> name, string spec, CancellationToken ct)
    {
        await using var container = await RpmBuilder.OpenAsync(means.Engine, job.Image, below, ct);
        var probe = await RootProbe.LookAsync(container, ct);
        var shelf = means.ShelfFor(probe);
        if (shelf is not null)
        {
            await shelf.OfferAsync(container, ct);
        }

        // The project's own commands are about its spec; what the spec asks for while it builds is installed as the distro does it.
        foreach (var command in job.Prepare.IsEmpty || !below.IsEmpty ? DefaultCommands(probe, spec) : job.Prepare)
        {
            await RunAsync(container, InPrepare(command.Replace("{spec}", $"{BuildMacros.Specs}/{spec}", StringComparison.Ordinal)), ct);
        }

        return await KeepAsync(container, shelf, name, ct);
    }

    /// <summary>Runs a command that has to end well.</summary>
    public Task RunAsync(IContainer container, Sandbox command, CancellationToken ct) => steps.RunAsync("prepare", container, command, Fault.PrepareFailed, [], ct);

    /// <summary>Takes the packages that were downloaded, notes those that are installed, and gives the root its name.</summary>
    public async Task<string> KeepAsync(IContainer container, PackageShelf? shelf, Func<RootPackages, string> name, CancellationToken ct)
    {
        if (shelf is not null)
        {
            await shelf.TakeAsync(container, ct);
        }

        await RootRecord.WriteAsync(container, ct);
        var packages = await RootRecord.ReadAsync(container, ct);
        shelf?.Touch(packages);
        var root = name(packages);
        if (!await means.Engine.HasRootAsync(root, ct))
        {
            await container.SaveRootAsync(root, ct);
        }

        return root;
    }

    /// <summary>A command of the prepare phase.</summary>
    public Sandbox InPrepare(string script) => new("sh", "-c", script)
    {
        Network = job.Root.Offline ? Network.None : Network.Host,
        Environment = BuildMacros.Everywhere,
        Volumes = [new Volume(folder.Specs, BuildMacros.Specs, ReadOnly: true)],
    };

    private ImmutableArray<string> DefaultCommands(RootProbe probe, string spec)
    {
        var manager = probe.Manager ?? throw new ReleaseException(
            Fault.PrepareFailed, $"{job}: the image '{job.Image.Reference}' has none of {string.Join(", ", PackageManager.Known.Select(manager => manager.Program))}.")
        {
            Remedy = $"Say how to install the build requirements: prepare = [\"…\"] in [target.{job.Target.Name}].",
        };
        var install = manager.RequirementsOf($"{BuildMacros.Specs}/{spec}");
        return probe.HasRpmbuild ? [install] : [manager.InstallTools, install];
    }
}
