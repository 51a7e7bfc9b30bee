using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>
/// Does with packages what a user does: installs them on an image that is up to date, over the published version when there is one, runs
/// commands as an ordinary user, and removes them. Everything behind the requirements is done without a network. What stays is an alarm.
/// </summary>
/// <param name="engine">Where the containers come from.</param>
/// <param name="job">The packages.</param>
/// <param name="reporter">Told what could not be tried.</param>
public sealed class InstallCheck(IContainerEngine engine, InstallJob job, IReporter reporter)
{
    private const string New = "/run/packages/new", Old = "/run/packages/old";

    /// <summary>Nobody, on every system.</summary>
    private const string Nobody = "65534:65534";

    private readonly BuildStep _steps = new(job.Build with { LogFolder = Path.Combine(job.Build.LogFolder, "install") });

    /// <summary>What earlier builds downloaded; null: nothing is kept.</summary>
    public PackageCache? Cache { get; init; }

    /// <summary>Goes all the way.</summary>
    /// <returns>What a removal leaves, and what it should not have touched; nothing is accepted yet.</returns>
    /// <exception cref="ReleaseException"><see cref="Fault.InstallCheckFailed"/>: a step failed, or <see cref="Fault.PrepareFailed"/>: nothing could be tried.</exception>
    public async Task<ImmutableArray<Alarm>> RunAsync(CancellationToken ct)
    {
        var start = await PrepareAsync(ct);
        return await UseAsync(start, ct) ?? (await UseAsync(start with { Published = [] }, ct))!.Value;
    }

    /// <summary>All steps in one system; null when what users have could not even be installed, which is no fault of the new packages.</summary>
    private async Task<ImmutableArray<Alarm>?> UseAsync(Start start, CancellationToken ct)
    {
        var (published, roots, commands) = start;
        await using var container = await RpmBuilder.OpenAsync(engine, job.Build.Image, roots, ct);
        var before = await InstalledState.ReadAsync(container, ct);
        if (!published.IsEmpty && !await HasPublishedAsync(container, start, ct))
        {
            return null;
        }

        await StepAsync(container, ("install", $"{(published.IsEmpty ? "install" : "update to")} {Names(job.All)}"), Installing(commands, job.All, New), ct);
        foreach (var command in job.Smoke)
        {
            await StepAsync(container, ("smoke", $"run as an ordinary user: {command}"), AsUser(command), ct);
        }

        var names = string.Join(' ', job.All.Select(package => package.Nevra.Name));
        await StepAsync(container, ("remove", $"remove {names}"), InstallRoot.WithoutNetwork(commands.Remove.Replace("{names}", names, StringComparison.Ordinal)), ct);
        var after = await InstalledState.ReadAsync(container, ct);
        return [.. new RemainsPolicy(job, await before.RemainsAsync(after, container, ct)).Alarms()];
    }

    /// <summary>
    /// What two versions require together may not exist, although each can be installed: then users update both at once, and we cannot show it.
    /// </summary>
    private async Task<Start> PrepareAsync(CancellationToken ct)
    {
        var root = new InstallRoot(new RootMeans(engine, Cache, reporter), job, _steps);
        if (!job.Published.IsEmpty)
        {
            try
            {
                var both = await root.GetAsync([.. job.All, .. job.Published], ct);
                return new(job.Published, both.Roots, both.Commands);
            }
            catch (ReleaseException ex) when (ex.Fault == Fault.InstallCheckFailed)
            {
                reporter.Info($"{job.Build}: the update from {Names(job.Published)} cannot be tried, because the distro does not have what both versions require.");
            }
        }

        var (roots, commands) = await root.GetAsync(job.All, ct);
        return new([], roots, commands);
    }

    private async Task<bool> HasPublishedAsync(IContainer container, Start start, CancellationToken ct)
    {
        try
        {
            await StepAsync(container, ("install-published", $"install {Names(start.Published)}, which users have"), Installing(start.Commands, start.Published, Old), ct);
            return true;
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.InstallCheckFailed)
        {
            reporter.Info($"The update from {Names(start.Published)} cannot be tried, because that cannot be installed itself: {ex.Message}");
            return false;
        }
    }

    private async Task StepAsync(IContainer container, (string Name, string Purpose) step, Sandbox sandbox, CancellationToken ct)
    {
        try
        {
            await _steps.RunAsync(step.Name, container, sandbox, Fault.InstallCheckFailed, [], ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.InstallCheckFailed)
        {
            throw new ReleaseException(Fault.InstallCheckFailed, $"{ex.Message} It was to {step.Purpose}.", inner: ex) { Transcript = ex.Transcript };
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.BuildNeedsNetwork)
        {
            throw new ReleaseException(
                Fault.InstallCheckFailed, $"{job.Build}: the step '{step.Name}' wanted the network, which is there for the requirements alone. It was to {step.Purpose}.", inner: ex)
            {
                Transcript = ex.Transcript,
            };
        }
    }

    private static Sandbox Installing(InstallCommands commands, ImmutableArray<RpmPackage> packages, string place)
    {
        var folders = packages.Select(package => Path.GetDirectoryName(package.Path)!).Distinct(StringComparer.Ordinal).ToList();
        var paths = packages.Select(package => $"{place}/{folders.IndexOf(Path.GetDirectoryName(package.Path)!)}/{Path.GetFileName(package.Path)}");
        return InstallRoot.WithoutNetwork(commands.Install.Replace("{rpms}", FailedBuild.Quote([.. paths]), StringComparison.Ordinal)) with
        {
            Volumes = [.. folders.Select((folder, number) => new Volume(folder, $"{place}/{number}", ReadOnly: true))],
        };
    }

    /// <summary>Who writes only where everybody may.</summary>
    private static Sandbox AsUser(string command) => (InstallRoot.WithoutNetwork(command) with { User = Nobody, WorkingDirectory = "/tmp", ReadOnlyRoot = true }).With("HOME", "/tmp");

    private static string Names(ImmutableArray<RpmPackage> packages) => string.Join(", ", packages.Select(package => package.Nevra));

    /// <param name="Published">What is installed before the new packages.</param>
    /// <param name="Roots">The system that it begins with.</param>
    /// <param name="Commands">How things are installed there.</param>
    private sealed record Start(ImmutableArray<RpmPackage> Published, ImmutableArray<string> Roots, InstallCommands Commands);
}
