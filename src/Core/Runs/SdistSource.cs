using DotnetRelease.Building;
using DotnetRelease.Containers;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Sources;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>Sdists of tags: brings image and engine of their target together with the tree.</summary>
/// <param name="workspace">The project.</param>
/// <param name="machine">What the stages share.</param>
/// <param name="reporter">Told about stages.</param>
internal sealed class SdistSource(Workspace workspace, Machine machine, IReporter reporter)
{
    /// <summary>An image that is not pinned yet is pinned: whoever writes a digest down also writes down where it came about.</summary>
    internal bool Pins { get; init; }

    /// <summary>Makes one.</summary>
    /// <param name="recipe">How, for this version.</param>
    /// <param name="tree">Of the tag that was vouched for.</param>
    /// <param name="path">Of the new file, in a folder that is thrown away.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException">What <see cref="SdistBuild"/>, the engine and pulling the image throw.</exception>
    internal async Task MakeAsync(SdistRecipe recipe, GitArchive tree, string path, CancellationToken ct)
    {
        var target = workspace.Settings.FindTarget(recipe.Target)!;
        var choice = machine.EngineFor(workspace.Settings, target.Name);
        var arch = target.Archs.FirstOrDefault(arch => BuildWay.Of(arch, choice).Name is BuildWay.Native) ?? target.Archs[0];
        BuildWay.Of(arch, choice).Refuse(target.Name, arch);
        var engine = machine.Open(choice);
        await using var tried = await engine.TryAsync(ct);
        var file = Path.GetFileName(path);
        var job = new SdistJob(file, recipe, await PullAsync(target, arch, engine, ct), tree)
        {
            Limits = workspace.Settings.Limits,
            Offline = machine.Offline,
            WorkFolder = Path.GetDirectoryName(path)!,
            LogFolder = workspace.ResolveOwn("logs", $"sdist-{file}"),
        };
        await new SdistBuild(engine, reporter) { Packages = machine.Packages }.MakeAsync(job, path, ct);
    }

    private async Task<Image> PullAsync(TargetSettings target, string arch, IContainerEngine engine, CancellationToken ct)
    {
        using var stage = reporter.Stage($"image {target.Name}");
        var pin = await FindAsync(target, ct) ?? throw new ReleaseException(Fault.OfflineLacks, $"The image '{target.Image}' of {target.Name} is not pinned, and nobody may be asked what it is.");
        var reference = ImageReference.Parse(target.Image).RelativeTo(workspace.Folder);
        return await machine.ImagesFor(engine).PullAsync(reference, new ImageWish(Platform.OfRpm(arch), pin.Digest), ct);
    }

    private async Task<ImagePin?> FindAsync(TargetSettings target, CancellationToken ct)
    {
        using var turn = await FileLock.WaitAsync(workspace.ResolveOwn("pins"), ct);
        var pins = await workspace.ReadLockAsync(ct);
        var found = await ImagePins.FindAsync(workspace, new ImageQuestion([target], pins) { Resolve = machine.Images.ResolveAsync, OnlyLocal = machine.Offline }, ct);
        if (Pins && found.Lock.Images.ContainsKey(target.Image) && !pins.Images.ContainsKey(target.Image))
        {
            FailPoint.At("fetch.lock");
            await workspace.WriteLockAsync(found.Lock, ct);
        }

        return found.Pins.GetValueOrDefault(target.Image);
    }
}
