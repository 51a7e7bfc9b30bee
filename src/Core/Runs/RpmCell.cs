using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;
using DotnetRelease.Sources;

namespace DotnetRelease.Runs;

/// <summary>One cell of the build matrix: an RPM on a target, from its sources to files in the result folder.</summary>
/// <param name="workspace">The project.</param>
/// <param name="machine">What the stages share.</param>
/// <param name="reporter">Told about stages.</param>
/// <param name="request">What is wanted.</param>
internal sealed class RpmCell(Workspace workspace, Machine machine, IReporter reporter, RpmRequest request)
{
    /// <summary>
    /// What an interruption broke did not fail by itself. A terminal's Ctrl-C kills the commands of the build at once, and comes to us by a
    /// thread of the runtime: the news of their death may be faster.
    /// </summary>
    private static readonly TimeSpan InterruptDelay = TimeSpan.FromMilliseconds(300);

    /// <summary>What was found in the packages so far, also when it ends the build.</summary>
    private ImmutableArray<Alarm> _alarms = [];

    /// <summary>Builds, or finds what is there already. Only what ends the whole run is thrown; a failure of this cell is its result.</summary>
    public async Task<RpmResult> RunAsync(PlannedRpm rpm, PlannedTarget target, CancellationToken ct)
    {
        var clock = new StageClock();
        try
        {
            // A result that went away after the plan was made is built like one that never was.
            return (target.State is TargetState.UpToDate ? await KeepAsync(rpm, target, ct) : null)
                ?? await BuildAsync(rpm, target, clock, ct);
        }
        catch (ReleaseException ex)
        {
            await Task.Delay(InterruptDelay, ct);
            return new RpmResult(rpm.Name, target.Name, RpmState.Failed)
            {
                Arch = target.Arch,
                Failure = ex,
                Alarms = _alarms,
                Log = Directory.Exists(LogFolder(rpm, target)) ? LogFolder(rpm, target) : null,
                Times = clock.ToTimes(RpmTimes.None.Build),
            };
        }
    }

    private static Func<FailedBuild, CancellationToken, Task>? WhenNotInterrupted(Func<FailedBuild, CancellationToken, Task>? tell) => tell is null ? null : async (failed, ct) =>
    {
        await Task.Delay(InterruptDelay, ct);
        await tell(failed, ct);
    };

    private async Task<RpmResult?> KeepAsync(PlannedRpm rpm, PlannedTarget target, CancellationToken ct)
    {
        var folder = ResultFolder(target.Name);
        var records = await new BuildRecords(machine.Cache.Known).ReadAsync(folder, ct);
        if (records.FirstOrDefault(record => record.InputsKey == target.InputsKey && record.Rpm == rpm.Name) is not { } built)
        {
            return null;
        }

        if (request.Locked)
        {
            await new RootPins(workspace).WishAsync(new RootKey(target.Name, target.Arch, rpm.Name), onlyLocked: true, machine.Offline, ct);
        }

        ImmutableArray<string> paths = [.. built.Files.Select(file => Path.Combine(folder, file.Name))];
        var clock = new StageClock();
        if (request.CheckReproducible)
        {
            var (builder, job) = await JobAsync(rpm, target, clock, ct);
            await new RebuildCheck(builder, reporter).ProveAsync(job, paths, ct);
        }

        return new RpmResult(rpm.Name, target.Name, RpmState.UpToDate)
        {
            Arch = target.Arch,
            Files = request.Key is null
                ? Unsigned(await Task.WhenAll(paths.Select(path => RpmFile.ReadAsync(path, ct))))
                : await SignAsync(Name(rpm, target), paths, clock, ct),
            Why = target.Why,
            IsReproducible = request.CheckReproducible,
            Times = clock.ToTimes(RpmTimes.None.Build),
        };
    }

    private async Task<RpmResult> BuildAsync(PlannedRpm rpm, PlannedTarget target, StageClock clock, CancellationToken ct)
    {
        var (builder, job) = await JobAsync(rpm, target, clock, ct);
        var built = await builder.BuildAsync(job, ct);
        if (request.NotesRoots)
        {
            await new RootPins(workspace).AddAsync(new RootKey(target.Name, target.Arch, rpm.Name), built.Root, ct);
        }

        foreach (var news in UpstreamNews.Read(job.LogFolder))
        {
            reporter.Warning(news, new SourcePosition(rpm.Spec));
        }

        await JudgeAsync(job, built, ct);
        if (request.CheckReproducible)
        {
            await new RebuildCheck(builder, reporter).ProveAsync(job, [.. built.Files.Where(file => job.Keeps(file.Nevra)).Select(file => file.Path)], ct);
        }

        var files = await ResultFiles.CommitAsync(job, built, ResultFolder(target.Name), ct);
        var whole = clock.Built();
        return new RpmResult(rpm.Name, target.Name, RpmState.Built)
        {
            Arch = target.Arch,
            Files = request.Key is null ? Unsigned(files) : await SignAsync(Name(rpm, target), [.. files.Select(file => file.Path)], clock, ct),
            Log = job.LogFolder,
            IsReproducible = request.CheckReproducible,
            Alarms = _alarms,
            Times = clock.ToTimes(built.Times with { Check = whole - built.Times.Prepare - built.Times.Build }),
        };
    }

    /// <summary>Brings everything that a build needs to this machine.</summary>
    internal async Task<(RpmBuilder Builder, BuildJob Job)> JobAsync(PlannedRpm rpm, PlannedTarget target, StageClock clock, CancellationToken ct)
    {
        var settings = workspace.Settings.FindTarget(target.Name)!;
        var choice = machine.EngineFor(workspace.Settings, target.Name);
        BuildWay.Of(target.Arch, choice).Refuse(target.Name, target.Arch);
        var engine = machine.Open(choice);
        var spec = workspace.Resolve(rpm.Spec);
        ImmutableArray<VerifiedSource> sources;
        using (reporter.Stage($"fetch {Name(rpm, target)}"))
        using (await machine.Turns.TakeAsync($"fetch {rpm.Name}", ct))
        {
            sources = await machine.FetchAsync(workspace, rpm, ct);
        }

        clock.Fetched();
        Image image;
        using (reporter.Stage($"image {Name(rpm, target)}"))
        using (await machine.Turns.TakeAsync($"image {target.Image}", ct))
        {
            var reference = ImageReference.Parse(target.Image).RelativeTo(workspace.Folder);
            image = await machine.ImagesFor(engine).PullAsync(reference, new ImageWish(Platform.OfRpm(target.Arch), target.ImageDigest), ct);
        }

        clock.HasImage();
        var job = new BuildJob(rpm, target, image, sources)
        {
            SpecPath = spec,
            Prepare = settings.Prepare,
            Root = await new RootPins(workspace).WishAsync(new RootKey(target.Name, target.Arch, rpm.Name), request.Locked, machine.Offline, ct),
            Compression = workspace.Settings.Compression,
            Limits = workspace.Settings.Limits,
            Epoch = await EpochAsync(spec, ct),
            WorkFolder = workspace.ResolveOwn("work", "build", $"{rpm.Name}-{target.Name}-{target.Arch}"),
            LogFolder = LogFolder(rpm, target),
        };
        return (new RpmBuilder(engine, reporter) { OnFailure = WhenNotInterrupted(request.OnFailure), Packages = machine.Packages, Turns = machine.Turns }, job);
    }

    /// <summary>What is wrong with the packages. Those with an alarm that refuses and that nobody accepted never get to the results.</summary>
    private async Task JudgeAsync(BuildJob job, BuiltRpms built, CancellationToken ct)
    {
        var target = workspace.Settings.FindTarget(job.Target.Name)!;
        Judge(await new PackageReview(workspace, machine.Published).FindAsync(built, target, new SourcePosition(job.Rpm.Spec), ct));
        if (request.InstallCheck)
        {
            Judge(await new InstallReview(workspace, machine, reporter).FindAsync(job, built, ct));
        }
    }

    private void Judge(ImmutableArray<Alarm> found)
    {
        var alarms = AlarmJudge.Judge(found, workspace.Settings.Accepted, SourceDate.Today());
        reporter.Tell(alarms);
        _alarms = [.. _alarms, .. alarms];
        AlarmReport.Refuse(alarms, Fault.PackageRefused, "The package");
    }

    private static ImmutableArray<ResultFile> Unsigned(IEnumerable<RpmFile> files) => [.. files.Select(file => new ResultFile(file, null))];

    private async Task<ImmutableArray<ResultFile>> SignAsync(string cell, ImmutableArray<string> paths, StageClock clock, CancellationToken ct)
    {
        using var stage = reporter.Stage($"sign {cell}");
        using var turn = await machine.Turns.TakeAsync("sign", ct);
        var signed = await new ResultSigning(request.Key!, request.Access).SignAsync(paths, reporter, ct);
        clock.Signed();
        return signed;
    }

    private async Task<DateTimeOffset> EpochAsync(string spec, CancellationToken ct)
    {
        if (long.TryParse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"), out var seconds))
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        }

        return BuildEpoch.OfChangelog(await File.ReadAllTextAsync(spec, ct))
            ?? await new Git(workspace.Folder).TimeOfHeadAsync(ct)
            ?? DateTimeOffset.UnixEpoch;
    }

    /// <summary>As a <see cref="BuildJob"/> calls itself.</summary>
    private static string Name(PlannedRpm rpm, PlannedTarget target) => $"{rpm.Name} on {target}";

    private string ResultFolder(string target) => workspace.Resolve(Path.Combine(request.Output, target));

    private string LogFolder(PlannedRpm rpm, PlannedTarget target) =>
        workspace.ResolveOwn("logs", $"{rpm.Name}-{target.Name}-{target.Arch}");
}
