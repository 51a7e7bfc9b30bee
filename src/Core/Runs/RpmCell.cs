using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>
/// One cell of the build matrix: an RPM on a target, from its sources to files in the result folder. It is built first; what its packages require of
/// other cells is installed with them, so they are installed and kept when the others are built too.
/// </summary>
/// <param name="supply">What the cells share.</param>
/// <param name="rpm">From the plan.</param>
/// <param name="target">From the plan.</param>
internal sealed class RpmCell(JobSupply supply, PlannedRpm rpm, PlannedTarget target)
{
    private readonly StageClock _clock = new();

    /// <summary>What was found in the packages so far, also when it ends the build.</summary>
    private ImmutableArray<Alarm> _alarms = [];

    /// <summary>What was built and is not kept yet.</summary>
    private Made? _made;

    /// <summary>The settings' name of it.</summary>
    public string Rpm => rpm.Name;

    /// <summary>How it went; null while it is not decided.</summary>
    public RpmResult? Result { get; private set; }

    /// <summary>Paths of the packages that it has given so far.</summary>
    public IEnumerable<string> Packages => Result?.Files.Select(file => file.File.Path) ?? _made?.Built.Files.Select(file => file.Path) ?? [];

    /// <summary>Whether another cell may give what the packages of this one require.</summary>
    public bool IsNeighbourOf(RpmCell other) => other != this && (Target, Arch) == (other.Target, other.Arch);

    private string Target => target.Name;

    private string Arch => target.Arch;

    private string ResultFolder => supply.ResultFolder(target.Name);

    private string LogFolder => supply.LogFolder(rpm, target);

    private InstallReview Installing => new(supply.Workspace, supply.Machine, supply.Reporter);

    /// <summary>Builds, or finds what is there already. Only what ends the whole run is thrown; a failure of this cell is its result.</summary>
    /// <param name="isAlone">There is no neighbour to wait for.</param>
    /// <param name="ct">Ends it.</param>
    public Task StartAsync(bool isAlone, CancellationToken ct) => TryAsync(
        async () =>
        {
            _clock.Waited();

            // A result that went away after the plan was made is built like one that never was.
            if (target.State is TargetState.UpToDate && await KeepAsync(ct) is { } kept)
            {
                Result = kept;
                return;
            }

            await BuildAsync(ct);
            if (!IsInstalled)
            {
                Result = await CommitAsync(ct);
            }
            else if (isAlone)
            {
                await GatherAsync([], ct);
                await EndAsync(ct);
            }
        },
        ct);

    /// <summary>Finds what has to be installed with the packages. All neighbours have started, and none of them has ended what it has to wait for.</summary>
    public Task GatherAsync(IReadOnlyCollection<RpmCell> neighbours, CancellationToken ct) => TryAsync(
        async () =>
        {
            var before = await supply.RecordsAsync(target.Name, ct);
            _made = _made! with { Companions = await new Neighbours(before, ResultFolder, neighbours).FindAsync(_made.Job, _made.Built, ct) };
        },
        ct);

    /// <summary>Installs the packages, and keeps them.</summary>
    public Task EndAsync(CancellationToken ct) => TryAsync(
        async () =>
        {
            _clock.Waited();
            Judge(await Installing.FindAsync(_made!.Job, _made.Built, _made.Companions, ct));
            Result = await CommitAsync(ct);
        },
        ct);

    private bool IsInstalled => supply.Request.InstallCheck && Installing.IsFor(rpm.Name);

    private async Task TryAsync(Func<Task> act, CancellationToken ct)
    {
        if (Result is not null)
        {
            return;
        }

        try
        {
            await act();
        }
        catch (ReleaseException ex)
        {
            await FailAsync(ex, ct);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // A disk that is full or was pulled out may be met anywhere, and the other cells may lie on another one.
            await FailAsync(new ReleaseException(Fault.WriteFailed, $"{JobSupply.Name(rpm, target)}: a file of this machine could not be read or written: {ex.Message.TrimEnd('.')}.", inner: ex), ct);
        }
    }

    private async Task FailAsync(ReleaseException failure, CancellationToken ct)
    {
        await Task.Delay(JobSupply.InterruptDelay, ct);
        Result = new RpmResult(rpm.Name, target.Name, RpmState.Failed)
        {
            Arch = target.Arch,
            Failure = failure,
            Alarms = _alarms,
            Log = Directory.Exists(LogFolder) ? LogFolder : null,
            Times = _clock.ToTimes(RpmTimes.None.Build),
        };
    }

    private async Task<RpmResult?> KeepAsync(CancellationToken ct)
    {
        if ((await supply.RecordsAsync(target.Name, ct)).FirstOrDefault(record => record.InputsKey == target.InputsKey && record.Rpm == rpm.Name) is not { } built)
        {
            return null;
        }

        if (supply.Request.Locked)
        {
            await new RootPins(supply.Workspace).WishAsync(new RootKey(target.Name, target.Arch, rpm.Name), onlyLocked: true, supply.Machine.Offline, ct);
        }

        ImmutableArray<string> paths = [.. built.Files.Select(file => Path.Combine(ResultFolder, file.Name))];
        if (supply.Request.CheckReproducible)
        {
            var (builder, job) = await supply.GetAsync(rpm, target, _clock, ct);
            await new RebuildCheck(builder, supply.Reporter).ProveAsync(job, paths, ct);
        }

        return new RpmResult(rpm.Name, target.Name, RpmState.UpToDate)
        {
            Arch = target.Arch,
            Files = supply.Request.Key is null
                ? Unsigned(await Task.WhenAll(paths.Select(path => RpmFile.ReadAsync(path, ct))))
                : await SignAsync(paths, ct),
            Why = target.Why,
            IsReproducible = supply.Request.CheckReproducible,
            Times = _clock.ToTimes(RpmTimes.None.Build),
        };
    }

    /// <summary>Builds, and looks at what came.</summary>
    private async Task BuildAsync(CancellationToken ct)
    {
        var (builder, job) = await supply.GetAsync(rpm, target, _clock, ct);
        var built = await builder.BuildAsync(job, ct);
        if (supply.Request.NotesRoots)
        {
            await new RootPins(supply.Workspace).AddAsync(new RootKey(target.Name, target.Arch, rpm.Name), built.Root, ct);
        }

        foreach (var news in UpstreamNews.Read(job.LogFolder))
        {
            supply.Reporter.Warning(news, new SourcePosition(rpm.Spec));
        }

        var settings = supply.Workspace.Settings.FindTarget(target.Name)!;
        Judge(await new PackageReview(supply.Workspace, supply.Machine.Published).FindAsync(built, settings, new SourcePosition(rpm.Spec), ct));
        if (supply.Request.CheckReproducible)
        {
            await new RebuildCheck(builder, supply.Reporter).ProveAsync(job, [.. built.Files.Where(file => job.Keeps(file.Nevra)).Select(file => file.Path)], ct);
        }

        _made = new Made(job, built, _clock.Built());
    }

    /// <summary>What is wrong with the packages. Those with an alarm that refuses and that nobody accepted never get to the results.</summary>
    private void Judge(ImmutableArray<Alarm> found)
    {
        var alarms = AlarmJudge.Judge(found, supply.Workspace.Settings.Accepted, SourceDate.Today());
        supply.Reporter.Tell(alarms);
        _alarms = [.. _alarms, .. alarms];
        AlarmReport.Refuse(alarms, Fault.PackageRefused, "The package");
    }

    private async Task<RpmResult> CommitAsync(CancellationToken ct)
    {
        var (job, built, soFar) = _made!;
        var files = await ResultFiles.CommitAsync(job, built, ResultFolder, ct);
        var whole = soFar + _clock.Built();
        return new RpmResult(rpm.Name, target.Name, RpmState.Built)
        {
            Arch = target.Arch,
            Files = supply.Request.Key is null ? Unsigned(files) : await SignAsync([.. files.Select(file => file.Path)], ct),
            Log = job.LogFolder,
            IsReproducible = supply.Request.CheckReproducible,
            Alarms = _alarms,
            Times = _clock.ToTimes(built.Times with { Check = whole - built.Times.Prepare - built.Times.Build }),
        };
    }

    private static ImmutableArray<ResultFile> Unsigned(IEnumerable<RpmFile> files) => [.. files.Select(file => new ResultFile(file, null))];

    private async Task<ImmutableArray<ResultFile>> SignAsync(ImmutableArray<string> paths, CancellationToken ct)
    {
        using var stage = supply.Reporter.Stage($"sign {JobSupply.Name(rpm, target)}");
        using var turn = await supply.Machine.Turns.TakeAsync("sign", ct);
        var signed = await new ResultSigning(supply.Request.Key!, supply.Request.Access).SignAsync(paths, supply.Reporter, ct);
        _clock.Signed();
        return signed;
    }

    /// <param name="Job">What was built.</param>
    /// <param name="Built">The packages.</param>
    /// <param name="SoFar">How long that took, without sources and image.</param>
    private sealed record Made(BuildJob Job, BuiltRpms Built, TimeSpan SoFar)
    {
        /// <summary>What is installed with the packages.</summary>
        public ImmutableArray<RpmPackage> Companions { get; init; } = [];
    }
}
