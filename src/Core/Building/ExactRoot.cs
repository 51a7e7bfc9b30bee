using DotnetRelease.Containers;
using DotnetRelease.Planning;

namespace DotnetRelease.Building;

/// <summary>
/// A root of exactly the locked packages. Those that the image does not have are installed in one transaction: files from earlier downloads
/// whose header has the locked digest, and the rest by exact version from the repositories. Without a rest no network is needed.
/// </summary>
/// <param name="means">What roots are made with.</param>
/// <param name="job">What it is for.</param>
/// <param name="install">Runs the commands.</param>
/// <param name="folder">Holds the spec; gets the packages.</param>
internal sealed class ExactRoot(RootMeans means, BuildJob job, RootInstall install, BuildFolder folder)
{
    private const string List = "list";

    /// <summary>Makes the root.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.OfflineLacks"/>; <see cref="Fault.RootDiffers"/>: the result is not what is locked; <see cref="Fault.PrepareFailed"/>: a
    /// version cannot be had any more.
    /// </exception>
    public async Task<string> MakeAsync(string name, RootPackages locked, CancellationToken ct)
    {
        await using var container = await RpmBuilder.OpenAsync(means.Engine, job.Image, [], ct);
        var probe = await RootProbe.LookAsync(container, ct);
        var shelf = means.ShelfFor(probe);
        if (probe.Manager is { } manager)
        {
            await InstallAsync(container, manager, await GatherAsync(container, shelf, locked, ct), ct);
        }

        foreach (var command in job.Prepare)
        {
            await install.RunAsync(container, install.InPrepare(command.Replace("{spec}", RpmBuilder.SpecInside(job), StringComparison.Ordinal)), ct);
        }

        return await install.KeepAsync(container, shelf, packages => packages == locked ? name : throw Differs(job, locked, packages), ct);
    }

    /// <summary>The failure that names in what a root is other than the lock.</summary>
    public static ReleaseException Differs(BuildJob job, RootPackages locked, RootPackages found) =>
        new(Fault.RootDiffers, $"{job}: the build root is not the one in {ReleaseLock.FileName}: {RootChanges.Between(locked, found).Tell()}.");

    /// <summary>What has to be installed: files in a folder that the container will see, and a list of words for the package manager.</summary>
    private async Task<Gathered> GatherAsync(IContainer container, PackageShelf? shelf, RootPackages locked, CancellationToken ct)
    {
        var place = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(folder.Specs)!, "PACKAGES")).FullName;
        var present = (await RootRecord.QueryAsync(container, ct)).All.ToHashSet();
        var files = new List<string>();
        var rest = new List<RootPackage>();
        foreach (var package in locked.All.Where(package => !present.Contains(package)))
        {
            if (shelf is not null && await shelf.FindAsync(package, ct) is { } path)
            {
                var file = package.Nevra.FileName;
                File.Copy(path, Path.Combine(place, file), overwrite: true);
                files.Add($"{BuildMacros.Packages}/{file}");
            }
            else
            {
                rest.Add(package);
            }
        }

        shelf?.Touch(locked);
        return new(place, files, rest);
    }

    private async Task InstallAsync(IContainer container, PackageManager manager, Gathered what, CancellationToken ct)
    {
        if (job.Root.Offline && what.Rest.Count > 0)
        {
            throw new ReleaseException(
                Fault.OfflineLacks,
                $"{job}: there is no prepared root, and of its packages these were not kept by an earlier build: {PackageText.Some(what.Rest.Select(package => package.ToString()))}.");
        }

        if (what.Files.Count + what.Rest.Count > 0)
        {
            // A list in a file: hundreds of packages are too long for one word of a command line.
            await File.WriteAllLinesAsync(Path.Combine(what.Folder, List), [.. what.Files, .. what.Rest.Select(package => manager.WordFor(package.Nevra))], ct);
            await RunAsync(container, manager.ExactInstallOf($"$(cat {BuildMacros.Packages}/{List})", isAlone: what.Rest.Count is 0), what, ct);
        }

        if (job.Prepare.IsEmpty)
        {
            // Only what the spec asks for can be missing in the lock: then this fails, and names it in its log.
            await RunAsync(container, manager.RequirementsOf(RpmBuilder.SpecInside(job), isAlone: true), what with { Rest = [] }, ct);
        }
    }

    private Task RunAsync(IContainer container, string script, Gathered what, CancellationToken ct)
    {
        var sandbox = install.InPrepare(script);
        return install.RunAsync(
            container,
            sandbox with
            {
                Network = what.Rest.Count is 0 ? Network.None : sandbox.Network,
                Volumes = [.. sandbox.Volumes, new Volume(what.Folder, BuildMacros.Packages, ReadOnly: true)],
            },
            ct);
    }

    /// <param name="Folder">On this machine.</param>
    /// <param name="Files">Paths inside.</param>
    /// <param name="Rest">What no file is there for.</param>
    private sealed record Gathered(string Folder, List<string> Files, List<RootPackage> Rest);
}
