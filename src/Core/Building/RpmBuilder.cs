using System.Collections.Immutable;
using System.Diagnostics;
using DotnetRelease.Containers;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>
/// Builds an RPM and its source package in a container of the target: requirements are installed with a network and without sources;
/// the spec is parsed and built with sources and without a network. Holds no key and sees no secret.
/// </summary>
/// <param name="engine">Where the containers come from.</param>
/// <param name="reporter">Told about the phases.</param>
public sealed class RpmBuilder(IContainerEngine engine, IReporter reporter)
{
    /// <summary>Shared by the builds that run at once: builds in one image prepare one after the other, so that what they have in common is made once.</summary>
    public Turns Turns { get; init; } = new();

    /// <summary>Called when parsing, building or collecting has failed and the root is still there; the failure goes on afterwards.</summary>
    public Func<FailedBuild, CancellationToken, Task>? OnFailure { get; init; }

    /// <summary>Packages that earlier builds downloaded; null: nothing is kept.</summary>
    public PackageCache? Packages { get; init; }

    /// <summary>Makes the root of a job, or finds it, and builds nothing.</summary>
    /// <returns>The packages that are installed in it.</returns>
    /// <exception cref="ReleaseException"><see cref="Fault.PrepareFailed"/>, <see cref="Fault.RootDiffers"/>, <see cref="Fault.OfflineLacks"/>.</exception>
    public async Task<RootPackages> PrepareAsync(BuildJob job, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(job);
        await using var root = await PrepareAsync(job, BuildFolder.Fill(job), new BuildStep(job), ct);
        return root.Packages;
    }

    /// <summary>Builds a job from a clean root.</summary>
    /// <returns>The packages, read and compared, in the job's work folder.</returns>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.PrepareFailed"/>, <see cref="Fault.RootDiffers"/>, <see cref="Fault.OfflineLacks"/>, <see cref="Fault.SpecUnparsable"/>, <see cref="Fault.BuildFailed"/>,
    /// <see cref="Fault.BuildNeedsNetwork"/> or <see cref="Fault.BuildResultWrong"/>, with the end of the step's log.
    /// </exception>
    public async Task<BuiltRpms> BuildAsync(BuildJob job, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(job);
        var start = Stopwatch.GetTimestamp();
        var folder = BuildFolder.Fill(job);
        var steps = new BuildStep(job);
        await using var root = await PrepareAsync(job, folder, steps, ct);
        var (container, packages) = root;
        var prepared = Stopwatch.GetTimestamp();
        var rpmbuild = Rpmbuild(job, folder, (await RpmFeatures.ReadAsync(container, ct)).Defines(job.Compression));
        long built;
        ImmutableArray<RpmFile> files;
        try
        {
            using (reporter.Stage($"build {job}"))
            {
                await CheckNevrasAsync(job, folder, container, ct);
                await steps.RunAsync("build", container, Lingering.Watch(rpmbuild), Fault.BuildFailed, [], ct);
            }

            built = Stopwatch.GetTimestamp();
            files = await new BuildResults(job, container).CollectAsync(folder.Results, ct);
        }
        catch (ReleaseException ex) when (OnFailure is not null)
        {
            await OnFailure(new FailedBuild(job, ex, container, rpmbuild), ct);
            throw;
        }

        return new BuiltRpms(files, new BuildTimes(Stopwatch.GetElapsedTime(start, prepared), Stopwatch.GetElapsedTime(prepared, built), Stopwatch.GetElapsedTime(built)))
        {
            Root = packages,
        };
    }

    private async Task<OpenRoot> PrepareAsync(BuildJob job, BuildFolder folder, BuildStep steps, CancellationToken ct)
    {
        using var stage = reporter.Stage($"prepare {job}");
        var root = new PreparedRoot(Means, job, steps);
        if (await root.FindAsync(folder, ct) is { } made)
        {
            return made;
        }

        using var turn = await Turns.TakeAsync($"prepare {job.Image.Digest}", ct);
        return await root.OpenAsync(folder, ct);
    }

    private RootMeans Means => new(engine, Packages, reporter);

    /// <summary>A command that sees spec and sources, and neither a network nor anything else of this machine.</summary>
    internal static Sandbox InBuild(BuildFolder folder, DateTimeOffset epoch, ImmutableArray<string> command) => new(command)
    {
        Network = Network.None,
        Capabilities = Capabilities.Building,
        Environment = BuildMacros.Environment(epoch),
        WorkingDirectory = BuildMacros.TopFolder,
        Volumes = [new Volume(folder.Specs, BuildMacros.Specs, ReadOnly: true), new Volume(folder.Sources, BuildMacros.Sources, ReadOnly: true)],
    };

    /// <summary>A container of the image with prepared roots on top.</summary>
    internal static async Task<IContainer> OpenAsync(IContainerEngine engine, Image image, ImmutableArray<string> roots, CancellationToken ct)
    {
        var container = engine.Begin();
        try
        {
            await container.ReadyAsync(ct);
            await container.OpenAsync(image, roots, ct);
            return container;
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    internal static string SpecInside(BuildJob job) => $"{BuildMacros.Specs}/{Path.GetFileName(job.SpecPath)}";

    private static Sandbox Rpmbuild(BuildJob job, BuildFolder folder, ImmutableArray<string> payload) =>
        job.Surroundings.Apply(InBuild(folder, job.Epoch, ["rpmbuild", "-ba", .. BuildMacros.Defines, .. payload, SpecInside(job)])) with { ProveNoNetwork = true };

    /// <summary>Asks the image's rpm what the spec will give, before an hour is spent on something else than was planned.</summary>
    private static async Task CheckNevrasAsync(BuildJob job, BuildFolder folder, IContainer container, CancellationToken ct)
    {
        var query = InBuild(folder, job.Epoch, ["rpmspec", "-q", "--builtrpms", "--qf", "%{nevra}\\n", .. BuildMacros.Defines, SpecInside(job)]);
        var limited = query with { Limits = job.Limits };
        var outcome = await limited.WithinTimeAsync(stop => container.ReadAsync(limited, stop), ct);
        if (outcome.ExitCode is not 0)
        {
            throw new ReleaseException(Fault.SpecUnparsable, $"{job}: rpmspec cannot parse '{job.SpecPath}' (exit {outcome.ExitCode}).") { Transcript = outcome.Error.TrimEnd() };
        }

        var found = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var planned = job.Target.Nevras.Where(nevra => !nevra.EndsWith(".src", StringComparison.Ordinal));
        if (planned.FirstOrDefault(nevra => !found.Any(actual => ExpectedNevra.Allows(nevra, actual))) is { } missing)
        {
            throw new ReleaseException(
                Fault.BuildResultWrong, $"{job}: the plan promises {missing}, but with this image the spec gives {string.Join(", ", found)}; nothing was built.");
        }
    }
}
