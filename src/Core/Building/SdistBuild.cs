using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Sources;

namespace DotnetRelease.Building;

/// <summary>
/// Makes a project's own sdist in a container: what its commands need is installed with a network and without the tree; the commands run in
/// the tree, with what a build has and without a network. What they give is written anew, so that it is the same whenever and wherever it was made.
/// </summary>
/// <param name="engine">Where the container comes from.</param>
/// <param name="reporter">Told about the phases.</param>
public sealed class SdistBuild(IContainerEngine engine, IReporter reporter)
{
    /// <summary>Raised when the way of preparing changes, so that older roots are not used.</summary>
    private const int Way = 1;

    /// <summary>The same path in every build, because paths end up in files.</summary>
    private const string Tree = BuildMacros.TopFolder + "/source";

    private const string Packed = "/source.tar";
    private const string Dist = "dist";

    /// <summary>Packages that earlier builds downloaded; null: nothing is kept.</summary>
    public PackageCache? Packages { get; init; }

    /// <summary>Makes it.</summary>
    /// <param name="job">What.</param>
    /// <param name="path">Of a new file with the job's name.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.PrepareFailed"/>, <see cref="Fault.OfflineLacks"/>, <see cref="Fault.SdistFailed"/>, <see cref="Fault.BuildNeedsNetwork"/>,
    /// <see cref="Fault.LimitReached"/> or <see cref="Fault.SdistRefused"/>.
    /// </exception>
    public async Task MakeAsync(SdistJob job, string path, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(job);
        using var stage = reporter.Stage($"sdist {job}");
        var steps = new BuildStep(job.ToString(), job.LogFolder, job.Limits);
        var time = await job.Tree.ReadTimeAsync(ct);
        var packed = Path.Combine(job.WorkFolder, "source.tar");
        await (job.Tree with { Prefix = Path.GetFileName(Tree) }).WriteAsync(packed, ct);

        await using var container = await RpmBuilder.OpenAsync(engine, job.Image, await RootsAsync(job, steps, ct), ct);
        await container.CopyInAsync(packed, Packed, executable: false, ct);
        var unpack = Command($"mkdir -p {BuildMacros.TopFolder} && tar -xf {Packed} -C {BuildMacros.TopFolder} && rm {Packed}", time) with { WorkingDirectory = "/" };
        await steps.RunAsync("unpack", container, unpack, Fault.SdistFailed, [], ct);
        foreach (var command in job.Recipe.Commands)
        {
            await RunAsync(steps, container, Command(command, time) with { ProveNoNetwork = true }, ct);
        }

        await using var made = await OpenResultAsync(job, container, ct);
        new SdistArchive(job.File, job.Tree.Prefix, job.Tree.Commit, time).Repack(made, path, ct);
    }

    /// <summary>The root with what the commands need, made when it is not there; none when the image has it all.</summary>
    private async Task<ImmutableArray<string>> RootsAsync(SdistJob job, BuildStep steps, CancellationToken ct)
    {
        if (job.Recipe.Prepare.IsEmpty)
        {
            return [];
        }

        var means = new RootMeans(engine, Packages, reporter);
        var inputs = string.Join('\n', [$"sdist {Way}", job.Image.Digest.Hex, .. job.Image.Layers.Select(layer => layer.DiffId.Hex), .. job.Recipe.Prepare]);
        var name = Digest.Of(inputs).Hex;
        using var turn = await means.WaitAsync(name, ct);
        if (await engine.HasRootAsync(name, ct))
        {
            return [name];
        }

        if (job.Offline)
        {
            throw new ReleaseException(Fault.OfflineLacks, $"{job}: it is not in the cache, and there is no prepared root to make it in.");
        }

        await using var container = await RpmBuilder.OpenAsync(engine, job.Image, [], ct);
        await means.KeepAsync(name, container, () => PrepareAsync(job, steps, container, ct), ct);
        return [name];
    }

    private static async Task PrepareAsync(SdistJob job, BuildStep steps, IContainer container, CancellationToken ct)
    {
        foreach (var command in job.Recipe.Prepare)
        {
            var sandbox = new Sandbox("sh", "-c", command) { Network = Network.Host, Environment = BuildMacros.Everywhere };
            await steps.RunAsync("prepare", container, sandbox, Fault.PrepareFailed, [], ct);
        }
    }

    private static async Task RunAsync(BuildStep steps, IContainer container, Sandbox command, CancellationToken ct)
    {
        try
        {
            await steps.RunAsync("sdist", container, command, Fault.SdistFailed, [], ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.BuildNeedsNetwork)
        {
            throw new ReleaseException(ex.Fault, ex.Message, inner: ex) { Transcript = ex.Transcript, Remedy = "Let 'prepare' in [[rpm.source]] install what it fetches." };
        }
    }

    private static Sandbox Command(string script, DateTimeOffset time) => new("sh", "-c", script)
    {
        Network = Network.None,
        Capabilities = Capabilities.Building,
        Environment = BuildMacros.Environment(time),
        WorkingDirectory = Tree,
    };

    /// <summary>Foreign code put the file there, so it is looked for by its name, and no link is followed.</summary>
    private static async Task<Stream> OpenResultAsync(SdistJob job, IContainer container, CancellationToken ct)
    {
        try
        {
            var tree = await container.ListAsync(Tree, ct);
            var dist = tree.Contains(new ContainerEntry(Dist, ContainerEntryKind.Folder)) ? await container.ListAsync($"{Tree}/{Dist}", ct) : [];
            var places = new[] { (Folder: $"{Tree}/{Dist}", Entries: dist), (Folder: Tree, Entries: tree) };
            var found = places.Where(place => place.Entries.Any(entry => entry.Name == job.File)).Select(place => place.Folder).ToList();
            return found switch
            {
                [var folder] => await container.OpenReadAsync($"{folder}/{job.File}", SdistArchive.SizeLimit, ct),
                [] => throw Refused(job, $"no '{job.File}' in '{Dist}' or in the tree{Others(dist)}"),
                _ => throw Refused(job, $"a '{job.File}' in '{Dist}' and another one in the tree"),
            };
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.BuildResultWrong)
        {
            throw new ReleaseException(Fault.SdistRefused, $"{job}: what the commands gave cannot be taken: {ex.Message}", inner: ex);
        }
    }

    private static string Others(ImmutableArray<ContainerEntry> dist) => dist.Where(entry => SafeName.Refuse(entry.Name) is null).Select(entry => $"'{entry.Name}'").Take(5).ToList() is { Count: > 0 } names
        ? $"; there is {string.Join(", ", names)}"
        : "";

    private static ReleaseException Refused(SdistJob job, string what) => new(Fault.SdistRefused, $"{job}: the commands ended well, but gave {what}.")
    {
        Remedy = "Let 'file' in [[rpm.source]] be the name that they give the sdist, or let a last command rename it.",
    };
}
