using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>Installs the packages of a build where the settings ask for it, before they are kept.</summary>
/// <param name="workspace">The project.</param>
/// <param name="machine">Knows what is published.</param>
/// <param name="reporter">Told about the stage.</param>
internal sealed class InstallReview(Workspace workspace, Machine machine, IReporter reporter)
{
    /// <summary>Whether the settings want that of an RPM.</summary>
    internal bool IsFor(string rpm) => Smoke(rpm) is not null;

    /// <summary>The packages of a build that users install.</summary>
    internal static async Task<ImmutableArray<RpmPackage>> PackagesAsync(IEnumerable<string> paths, CancellationToken ct)
    {
        var read = await Task.WhenAll(paths.Select(path => RpmPackage.ReadAsync(path, ct)));
        return [.. read.Where(package => !package.IsSource && !ExpectedNevra.IsDebugPackage(package.Nevra.Name))];
    }

    /// <summary>What a removal leaves; nothing when the RPM has no <c>smoke</c>.</summary>
    /// <param name="job">How it was built.</param>
    /// <param name="built">The packages.</param>
    /// <param name="companions">What is installed with them.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.InstallCheckFailed"/>, <see cref="Fault.PrepareFailed"/>, and what the engine throws.</exception>
    internal async Task<ImmutableArray<Alarm>> FindAsync(BuildJob job, BuiltRpms built, ImmutableArray<RpmPackage> companions, CancellationToken ct)
    {
        if (Smoke(job.Rpm.Name) is not { } smoke || await PackagesAsync(built.Files.Select(file => file.Path), ct) is not { IsEmpty: false } packages)
        {
            return [];
        }

        using var stage = reporter.Stage($"install {job}");
        var install = new InstallJob(job, packages)
        {
            Companions = companions,
            Published = await PublishedAsync(job, [.. packages, .. companions], ct),
            Smoke = smoke,
            Spec = new SourcePosition(job.Rpm.Spec),
            Today = DateOnly.FromDateTime(DateTime.UtcNow),
        };
        var engine = machine.Open(machine.EngineFor(workspace.Settings, job.Target.Name));
        return await new InstallCheck(engine, install, reporter) { Cache = machine.Packages }.RunAsync(ct);
    }

    private ImmutableArray<string>? Smoke(string name) => workspace.Settings.Rpms.FirstOrDefault(rpm => rpm.Name == name)?.Smoke;

    /// <summary>What users have of these packages, on this machine; one that the new one is no update of is left out.</summary>
    private async Task<ImmutableArray<RpmPackage>> PublishedAsync(BuildJob job, ImmutableArray<RpmPackage> packages, CancellationToken ct)
    {
        var (target, found) = (workspace.Settings.FindTarget(job.Target.Name)!, ImmutableArray.CreateBuilder<RpmPackage>());
        var folder = Directory.CreateDirectory(Path.Combine(job.WorkFolder, "published")).FullName;
        foreach (var package in packages)
        {
            if (await machine.Published.FindAsync(workspace, target, package.Nevra, ct) is { } old && Evr.Of(old.Package.Nevra).CompareTo(Evr.Of(package.Nevra)) < 0)
            {
                var path = Path.Combine(folder, Path.GetFileName(old.File.Location));
                try
                {
                    await old.Reader.FetchAsync(old.File, path, ct);
                    found.Add(await RpmPackage.ReadAsync(path, ct));
                }
                catch (ReleaseException ex)
                {
                    reporter.Info($"{job}: the update from {old.Package.Nevra} cannot be tried: {ex.Message}");
                }
            }
        }

        return found.ToImmutable();
    }
}
