using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.NewSpecs;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Sources;
using DotnetRelease.Specs;
using DotnetRelease.Storage;
using DotnetRelease.WheelFiles;

namespace DotnetRelease.Runs;

/// <summary>Writes the first spec of an RPM that is made from locked wheels.</summary>
/// <param name="Workspace">The project; it need not have settings yet.</param>
/// <param name="Machine">Gets the wheels.</param>
public sealed record SpecNewRun(Workspace Workspace, Machine Machine)
{
    /// <summary>A project without settings: its usual lockfiles, the public index, no target.</summary>
    public static Workspace Bare(string folder) =>
        new(folder, new Settings(Settings.FileName, new ProjectSettings("project")
        {
            Lockfiles = [.. LockfileReader.UsualNames.Where(name => File.Exists(Path.Combine(folder, name)))],
        }));

    /// <summary>Who writes the changelog entry.</summary>
    /// <param name="workspace">Whose git configuration counts.</param>
    /// <param name="packager"><c>Name &lt;mail&gt;</c>, or null for git's.</param>
    /// <param name="ct">Ends asking git.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/> or <see cref="Fault.AnswerNeeded"/>.</exception>
    public static Task<SpecAuthor> AuthorAsync(Workspace workspace, string? packager, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        return new ChangelogAuthor(workspace.Folder, SourceDate.Today()) { Packager = packager }.FindAsync(ct);
    }

    /// <summary>Chooses the wheels. Asks nobody and writes nothing.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>, <see cref="Fault.SpecExists"/>, <see cref="Fault.AlarmRaised"/>, and what <see cref="NewSpecPlan.Of"/> does.</exception>
    public async Task<NewSpecPlan> PlanAsync(SpecNewRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var rpm = RpmOf(request);
        RefuseExisting(rpm);
        return NewSpecPlan.Of(rpm, new(Workspace.Settings, await ReadLocksAsync(ct), PlanRequest.Everything));
    }

    /// <summary>Fetches and proves the wheels, and makes the spec of what they say. Nothing is written beside the cache.</summary>
    /// <param name="plan">From <see cref="PlanAsync"/>.</param>
    /// <param name="author">Of the changelog entry.</param>
    /// <param name="ct">Ends downloads.</param>
    /// <exception cref="ReleaseException">Faults of the thousands digit 2.</exception>
    public async Task<NewSpec> MakeAsync(NewSpecPlan plan, SpecAuthor author, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var files = await Machine.FetchAsync(Workspace, plan.Sources, Path.GetDirectoryName(Workspace.Resolve(plan.Rpm.Spec))!, ct);
        var wheels = files.Select(Read).ToDictionary(wheel => wheel.File.File, StringComparer.Ordinal);
        return NewSpec.Write(new(
            plan.Rpm.Name, [.. plan.Machines.Select(machine => new MachineWheels(machine.Arch, [.. machine.Wheels.Select(source => wheels[source.File])]))], author));
    }

    /// <summary>Writes the spec, unless one has appeared there since.</summary>
    public async Task WriteAsync(NewSpecPlan plan, NewSpec spec, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(spec);
        if (!await Durable.CreateAsync(Workspace.Resolve(plan.Rpm.Spec), System.Text.Encoding.UTF8.GetBytes(spec.Text), ct))
        {
            throw Exists(plan.Rpm);
        }
    }

    private async Task<ImmutableArray<LockPair>> ReadLocksAsync(CancellationToken ct)
    {
        var paths = Workspace.Settings.Project.Lockfiles;
        if (paths.IsEmpty)
        {
            throw new ReleaseException(Fault.Usage, $"There is no lockfile in '{Workspace.Folder}' that wheels could be chosen from.")
            {
                Remedy = "Name it in release.toml: lockfiles = [\"…\"] in [project].",
            };
        }

        // Without history there is nothing that a lock could be compared with.
        if (await new Git(Workspace.Folder).FindRootAsync(ct) is null)
        {
            return [.. await Task.WhenAll(paths.Select(async path => new LockPair(null, LockfileReader.Read(await Workspace.ReadAsync(path, ct), path))))];
        }

        var (inputs, detection) = await new PlanRun(Workspace, Machine.Cache.Known).ReadAsync(new(null, null), PlanRequest.Everything, ct);

        // The spec would get a digest that nobody has looked at.
        AlarmReport.Refuse(detection.AllAlarms, Fault.AlarmRaised, "The lock");
        return inputs.Locks;
    }

    private static SpecWheel Read(VerifiedSource source)
    {
        using var wheel = Wheel.Open(source.Path, source.File);
        var name = WheelName.Parse(source.File);
        var metadata = WheelMetadata.Read(wheel);
        return PythonName.Normalize(metadata.Name) == name.Package
            ? new SpecWheel(name, source.Digest, metadata, WheelTree.Read(wheel))
            : throw wheel.Refuse($"its METADATA is that of '{metadata.Name}'");
    }

    private RpmSettings RpmOf(SpecNewRequest request)
    {
        var settings = Workspace.Settings;
        if (request.Name.Length is 0 || !char.IsAsciiLetterOrDigit(request.Name[0]) || SafeName.Refuse(request.Name) is not null || request.Name.Contains('!', StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.Usage, $"'{request.Name}' cannot be the name of an RPM: letters, digits and . _ + - are, and the first is no sign.");
        }

        var listed = settings.Rpms.FirstOrDefault(rpm => rpm.Name == request.Name);
        ImmutableArray<string> follows = request.Packages.IsEmpty ? listed?.Follows ?? [] : [.. request.Packages.Select(PythonName.Normalize).Distinct(StringComparer.Ordinal)];
        if (follows.IsEmpty)
        {
            throw new ReleaseException(Fault.Usage, $"Nothing says which locked packages {request.Name} is made of.") { Remedy = "Name them with --from-lock; the first gives the version." };
        }

        var rpm = listed ?? new RpmSettings(request.Name, "", [.. settings.Targets.Select(target => target.Name)], default);
        return rpm with
        {
            Spec = request.Folder is { } folder ? Path.GetRelativePath(Workspace.Folder, Path.Combine(folder, request.Name + ".spec"))
                : listed?.Spec ?? $"rpm-specs/{request.Name}/{request.Name}.spec",
            Follows = follows,
            VersionOf = request.Packages.IsEmpty && listed?.VersionOf is { } main ? main : follows[0],
        };
    }

    private void RefuseExisting(RpmSettings rpm)
    {
        if (Path.Exists(Workspace.Resolve(rpm.Spec)))
        {
            throw Exists(rpm);
        }
    }

    private static ReleaseException Exists(RpmSettings rpm) => new(Fault.SpecExists, $"'{rpm.Spec}' is there already, and nothing is ever overwritten.")
    {
        Remedy = $"Bring it in line with: dotnet release spec update {rpm.Name}. Or write the new one somewhere else with --output DIR.",
    };
}

/// <summary>What the user asked for.</summary>
/// <param name="Name">Of the RPM.</param>
/// <param name="Packages">Locked packages, the first gives the version; empty: those that the RPM follows in the settings.</param>
/// <param name="Folder">Full path of the folder for the spec, or null.</param>
public sealed record SpecNewRequest(string Name, ImmutableArray<string> Packages, string? Folder);
