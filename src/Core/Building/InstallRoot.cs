using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Containers;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>
/// What a user's machine looks like the moment before: the image, brought up to date, and what the packages require from the distro. Both are
/// kept: the first for a day, the second as long as the requirements are the same.
/// </summary>
/// <param name="means">What roots are made with.</param>
/// <param name="job">What they are for.</param>
/// <param name="steps">Runs the installs.</param>
internal sealed class InstallRoot(RootMeans means, InstallJob job, BuildStep steps)
{
    /// <summary>Where the folder of <see cref="RequirementsPackage"/> is mounted: what is below leaves no trace, not even a mount point.</summary>
    private const string Inside = "/run/requirements";

    /// <summary>Raised when the way of preparing changes, so that older roots are not used.</summary>
    private const int Way = 1;

    /// <summary>Without a network, an image that was up to date some days ago is better than none.</summary>
    private const int OldestDays = 14;

    /// <summary>The roots for packages, lowest first, and how things are installed there.</summary>
    /// <param name="packages">What is to be installed.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.PrepareFailed"/> or <see cref="Fault.OfflineLacks"/>: there is no such image; <see cref="Fault.InstallCheckFailed"/>: the distro has not what they require.
    /// </exception>
    public async Task<(ImmutableArray<string> Roots, InstallCommands Commands)> GetAsync(ImmutableArray<RpmPackage> packages, CancellationToken ct)
    {
        var updated = await UpdatedAsync(ct);
        var draft = RequirementsPackage.Of(packages, FileTree.Program);
        var bytes = RpmWriter.ToBytes(draft);
        var name = Digest.Of($"{updated} {Digest.Of(bytes).Hex}").Hex;
        using var turn = await means.WaitAsync(name, ct);
        var isThere = await means.Engine.HasRootAsync(name, ct);
        await using var container = await OpenAsync([updated, .. isThere ? [name] : (string[])[]], ct);
        var commands = await CommandsAsync(container, ct);
        if (!isThere)
        {
            var folder = Directory.CreateDirectory(Path.Combine(job.Build.WorkFolder, "requirements")).FullName;
            var file = $"{RequirementsPackage.Name}.rpm";
            await File.WriteAllBytesAsync(Path.Combine(folder, file), bytes, ct);
            var script = (IsOffline ? commands.Install : commands.Require).Replace("{rpms}", $"{Inside}/{file}", StringComparison.Ordinal);
            var sandbox = Preparing(script) with { Volumes = [new Volume(folder, Inside, ReadOnly: true)] };
            await means.KeepAsync(name, container, () => RequireAsync(container, sandbox, ct), ct);
        }

        return ([updated, name], commands);
    }

    /// <summary>What package managers see of us, and that those in Python leave no compiled files.</summary>
    internal static Sandbox WithoutNetwork(string script) => new("sh", "-c", script)
    {
        Environment = BuildMacros.Everywhere.Add("PYTHONDONTWRITEBYTECODE", "1"),
    };

    private bool IsOffline => job.Build.Root.Offline;

    private Sandbox Preparing(string script) => WithoutNetwork(script) with { Network = IsOffline ? Network.None : Network.Host };

    private async Task RequireAsync(IContainer container, Sandbox sandbox, CancellationToken ct)
    {
        try
        {
            await steps.RunAsync("requirements", container, sandbox, Fault.InstallCheckFailed, [], ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.InstallCheckFailed)
        {
            var names = string.Join(", ", job.Packages.Select(package => package.Nevra));
            throw new ReleaseException(Fault.InstallCheckFailed, $"{ex.Message} It was to install what {names} requires of {job.Build.Target.Name}.", inner: ex) { Transcript = ex.Transcript };
        }
    }

    private async Task<string> UpdatedAsync(CancellationToken ct)
    {
        var name = Name(job.Today);
        using var turn = await means.WaitAsync(name, ct);
        if (await means.Engine.HasRootAsync(name, ct))
        {
            return name;
        }

        try
        {
            if (IsOffline)
            {
                throw new ReleaseException(Fault.OfflineLacks, $"{job.Build}: the image '{job.Build.Image.Reference}' was not brought up to date in the last {OldestDays} days, and the install check wants that.");
            }

            await using var container = await OpenAsync([], ct);
            var commands = await CommandsAsync(container, ct);
            await means.KeepAsync(name, container, () => steps.RunAsync("update", container, Preparing(commands.Update), Fault.PrepareFailed, [], ct), ct);
            return name;
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.PrepareFailed || ex.Fault == Fault.OfflineLacks)
        {
            for (var day = job.Today.AddDays(-1); day >= job.Today.AddDays(-OldestDays); day = day.AddDays(-1))
            {
                if (await means.Engine.HasRootAsync(Name(day), ct))
                {
                    means.Reporter.Info(string.Create(CultureInfo.InvariantCulture, $"{job.Build.Target.Name} could not be brought up to date; packages are installed on it as it was on {day:yyyy-MM-dd}."));
                    return Name(day);
                }
            }

            throw;
        }
    }

    private string Name(DateOnly day) => Digest.Of(string.Join(
        '\n', [$"install check {Way}", day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), job.Build.Image.Digest.Hex, .. job.Build.Image.Layers.Select(layer => layer.DiffId.Hex)])).Hex;

    private async Task<InstallCommands> CommandsAsync(IContainer container, CancellationToken ct)
    {
        foreach (var commands in InstallCommands.Known)
        {
            if ((await container.ReadAsync(new Sandbox("sh", "-c", $"command -v {commands.Program}"), ct)).ExitCode is 0)
            {
                return commands;
            }
        }

        throw new ReleaseException(
            Fault.InstallCheckFailed, $"{job.Build}: the image '{job.Build.Image.Reference}' has none of {string.Join(", ", InstallCommands.Known.Select(commands => commands.Program))}, so nothing can be installed there.");
    }

    private Task<IContainer> OpenAsync(ImmutableArray<string> roots, CancellationToken ct) => RpmBuilder.OpenAsync(means.Engine, job.Build.Image, roots, ct);
}
