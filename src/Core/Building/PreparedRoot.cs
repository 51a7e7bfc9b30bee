using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Planning;

namespace DotnetRelease.Building;

/// <summary>
/// The image with everything that a spec needs installed. It is kept under a name made of its inputs, so that the next build with the
/// same ones starts at once. Where release.lock says which packages these are, it is those, as far as they can be had.
/// </summary>
/// <param name="means">What roots are made with.</param>
/// <param name="job">What it is for.</param>
/// <param name="steps">Runs the installs.</param>
internal sealed class PreparedRoot(RootMeans means, BuildJob job, BuildStep steps)
{
    /// <summary>Raised when the way of preparing changes, so that older roots are not used.</summary>
    private const int Way = 4;

    private string SpecName => Path.GetFileName(job.SpecPath);

    /// <summary>
    /// Opens the root if it is there already, which takes neither a turn nor a lock: a root is whole from the moment it has its name, and to start
    /// one container after the other is what builds of one image would wait for.
    /// </summary>
    /// <returns>Null when it has to be made, or may have to be.</returns>
    /// <exception cref="ReleaseException">What the engine throws.</exception>
    public async Task<OpenRoot?> FindAsync(BuildFolder folder, CancellationToken ct)
    {
        var root = await ReadAsync(folder, ct);
        return (job.Root, root.Dynamic) switch
        {
            ({ Anew: not null }, _) or (_, not null) => null,
            ({ Locked: { } locked }, _) => await FindLockedAsync(root, locked, ct),
            _ => await means.Engine.HasRootAsync(root.Name, ct) ? await OpenAsync([root.Name], ct) : null,
        };
    }

    /// <summary>Opens the root, which is made when it is not there. Reading what is in it and building in it are one container.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.PrepareFailed"/>, <see cref="Fault.RootDiffers"/>, <see cref="Fault.OfflineLacks"/> and what the engine throws.
    /// </exception>
    public async Task<OpenRoot> OpenAsync(BuildFolder folder, CancellationToken ct)
    {
        var root = await ReadAsync(folder, ct);
        using var turn = await means.WaitAsync(root.Name, ct);
        return job.Root switch
        {
            { Anew: { } others } => await OpenAnewAsync(root, others, ct),
            { Locked: { } locked } => await OpenLockedAsync(root, locked, ct),
            _ => await OpenAsync(await GetAnyAsync(root, ct), ct),
        };
    }

    private async Task<Making> ReadAsync(BuildFolder folder, CancellationToken ct)
    {
        var spec = await File.ReadAllTextAsync(Path.Combine(folder.Specs, SpecName), Encoding.Latin1, ct);
        return new(Name(spec), new RootInstall(means, job, steps, folder), folder, spec.Contains("%generate_buildrequires", StringComparison.Ordinal) ? new DynamicRoots(means, job, steps) : null);
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

    /// <summary>The name of the root that has exactly these packages.</summary>
    private static string NameOf(string name, RootPackages packages) => Digest.Of($"{name} {packages.Digest}").Hex;

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

    /// <summary>A root of the locked packages; when it cannot be, any, and the difference is told or refused.</summary>
    private async Task<OpenRoot> OpenLockedAsync(Making root, RootPackages locked, CancellationToken ct)
    {
        if (await FindLockedAsync(root, locked, ct) is { } made)
        {
            return made;
        }

        var exact = NameOf(root.Name, locked);
        ReleaseException? reason = null;
        try
        {
            await new ExactRoot(means, job, root.Install, root.Folder).MakeAsync(exact, locked, ct);
            if (await FindAsync(root, exact, locked, ct) is { } now)
            {
                return now;
            }
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.PrepareFailed || ex.Fault == Fault.RootDiffers || ex.Fault == Fault.OfflineLacks || ex.Fault == Fault.BuildNeedsNetwork)
        {
            reason = ex;
        }

        if (reason is not null && job.Root.Offline && !await means.Engine.HasRootAsync(root.Name, ct))
        {
            throw reason;
        }

        var any = await OpenAsync(await GetAnyAsync(root, ct), ct);
        var differs = ExactRoot.Differs(job, locked, any.Packages);
        if (job.Root.OnlyLocked)
        {
            await any.DisposeAsync();
            throw new ReleaseException(differs.Fault, differs.Message, inner: reason) { Transcript = reason?.Transcript };
        }

        means.Reporter.Warning($"{differs.Message} What is locked could not be installed: {reason?.Message ?? "the spec asks for more while it builds."} To lock what the distro has now: dotnet release lock update");
        return any;
    }

    /// <summary>The root that was made of these packages, or one of whatever the distro had when that was the same.</summary>
    private async Task<OpenRoot?> FindLockedAsync(Making root, RootPackages locked, CancellationToken ct) =>
        await FindAsync(root, NameOf(root.Name, locked), locked, ct) ?? await FindAsync(root, root.Name, locked, ct);

    /// <summary>Whatever the distro has: the root that is there, else one that is made now.</summary>
    private async Task<ImmutableArray<string>> GetAnyAsync(Making root, CancellationToken ct) => await means.Engine.HasRootAsync(root.Name, ct)
        ? await CompleteAsync(root, [root.Name], ct)
        : await MakeAsync(root, _ => root.Name, ct);

    /// <summary>What the distro has now, beside the roots that are there.</summary>
    private async Task<OpenRoot> OpenAnewAsync(Making root, ImmutableArray<RootPackages> others, CancellationToken ct)
    {
        foreach (var packages in others)
        {
            if (await FindAsync(root, NameOf(root.Name, packages), packages, ct) is { } same)
            {
                return same;
            }
        }

        return await OpenAsync(await MakeAsync(root, packages => NameOf(root.Name, packages), ct), ct);
    }

    private async Task<ImmutableArray<string>> MakeAsync(Making root, Func<RootPackages, string> name, CancellationToken ct)
    {
        if (job.Root.Offline)
        {
            throw new ReleaseException(Fault.OfflineLacks, $"{job}: there is no prepared root for this image and these requirements, and {ReleaseLock.FileName} does not say which packages it has.");
        }

        return await CompleteAsync(root, [await root.Install.RunAsync([], name, SpecName, ct)], ct);
    }

    private async Task<ImmutableArray<string>> CompleteAsync(Making root, ImmutableArray<string> roots, CancellationToken ct) =>
        root.Dynamic is null ? roots : await root.Dynamic.AddAsync(roots, root.Folder, job.Root.Offline ? null : root.Install, ct) ?? throw DynamicRoots.Lacking(job);

    /// <summary>The root of a name, with what the spec asks for while it builds, if it is there and has exactly these packages.</summary>
    private async Task<OpenRoot?> FindAsync(Making root, string name, RootPackages packages, CancellationToken ct)
    {
        if (!await means.Engine.HasRootAsync(name, ct))
        {
            return null;
        }

        ImmutableArray<string>? roots = root.Dynamic is null ? [name] : await root.Dynamic.AddAsync([name], root.Folder, null, ct);
        if (roots is not { } all)
        {
            return null;
        }

        var open = await OpenAsync(all, ct);
        if (open.Packages == packages)
        {
            return open;
        }

        await open.DisposeAsync();
        return null;
    }

    private Task<OpenRoot> OpenAsync(ImmutableArray<string> roots, CancellationToken ct) => OpenRoot.OfAsync(means.Engine, job.Image, roots, ct);

    /// <param name="Name">Of the root that has whatever the distro has.</param>
    /// <param name="Install">Makes one.</param>
    /// <param name="Folder">What a build sees of this machine.</param>
    /// <param name="Dynamic">Adds what the spec computes; null when it computes nothing.</param>
    private sealed record Making(string Name, RootInstall Install, BuildFolder Folder, DynamicRoots? Dynamic);
}
