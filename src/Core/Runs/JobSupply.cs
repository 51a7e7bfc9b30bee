using System.Collections.Concurrent;
using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Sources;

namespace DotnetRelease.Runs;

/// <summary>Brings everything that builds need to this machine.</summary>
/// <param name="Workspace">The project.</param>
/// <param name="Machine">What the stages share.</param>
/// <param name="Reporter">Told about stages.</param>
/// <param name="Request">What is wanted.</param>
internal sealed record JobSupply(Workspace Workspace, Machine Machine, IReporter Reporter, RpmRequest Request)
{
    /// <summary>
    /// What an interruption broke did not fail by itself. A terminal's Ctrl-C kills the commands of the build at once, and comes to us by a
    /// thread of the runtime: the news of their death may be faster.
    /// </summary>
    internal static readonly TimeSpan InterruptDelay = TimeSpan.FromMilliseconds(300);

    /// <summary>Statements are long, and each RPM of a target asks for all of them.</summary>
    private readonly ConcurrentDictionary<string, Lazy<Task<ImmutableArray<BuildRecord>>>> _records = new(StringComparer.Ordinal);

    /// <summary>What was in the result folder of a target when this run first looked: nobody else may change it while the run has its lock.</summary>
    internal Task<ImmutableArray<BuildRecord>> RecordsAsync(string target, CancellationToken ct) =>
        _records.GetOrAdd(target, _ => new(() => new BuildRecords(Machine.Cache.Known).ReadAsync(ResultFolder(target), ct))).Value;

    internal string ResultFolder(string target) => Workspace.Resolve(Path.Combine(Request.Output, target));

    /// <summary>A build of the plan with its sources and its image here, and what builds it.</summary>
    internal async Task<(RpmBuilder Builder, BuildJob Job)> GetAsync(PlannedRpm rpm, PlannedTarget target, StageClock clock, CancellationToken ct)
    {
        var settings = Workspace.Settings.FindTarget(target.Name)!;
        var choice = Machine.EngineFor(Workspace.Settings, target.Name);
        BuildWay.Of(target.Arch, choice).Refuse(target.Name, target.Arch);
        var engine = Machine.Open(choice);
        var spec = Workspace.Resolve(rpm.Spec);
        ImmutableArray<VerifiedSource> sources;
        using (Reporter.Stage($"fetch {Name(rpm, target)}"))
        using (await Machine.Turns.TakeAsync($"fetch {rpm.Name}", ct))
        {
            sources = await Machine.FetchAsync(Workspace, rpm, ct);
        }

        clock.Fetched();
        Image image;
        using (Reporter.Stage($"image {Name(rpm, target)}"))
        using (await Machine.Turns.TakeAsync($"image {target.Image}", ct))
        {
            var reference = ImageReference.Parse(target.Image).RelativeTo(Workspace.Folder);
            image = await Machine.ImagesFor(engine).PullAsync(reference, new ImageWish(Platform.OfRpm(target.Arch), target.ImageDigest), ct);
        }

        clock.HasImage();
        var job = new BuildJob(rpm, target, image, sources)
        {
            SpecPath = spec,
            Prepare = settings.Prepare,
            Root = await new RootPins(Workspace).WishAsync(new RootKey(target.Name, target.Arch, rpm.Name), Request.Locked, Machine.Offline, ct),
            Compression = Workspace.Settings.Compression,
            Limits = Workspace.Settings.Limits,
            Epoch = await EpochAsync(rpm.Spec, spec, ct),
            WorkFolder = Workspace.ResolveOwn("work", "build", $"{rpm.Name}-{target.Name}-{target.Arch}"),
            LogFolder = LogFolder(rpm, target),
        };
        return (new RpmBuilder(engine, Reporter) { OnFailure = WhenNotInterrupted(Request.OnFailure), Packages = Machine.Packages, Turns = Machine.Turns }, job);
    }

    /// <summary>As a <see cref="BuildJob"/> calls itself.</summary>
    internal static string Name(PlannedRpm rpm, PlannedTarget target) => $"{rpm.Name} on {target}";

    internal string LogFolder(PlannedRpm rpm, PlannedTarget target) => Workspace.ResolveOwn("logs", $"{rpm.Name}-{target.Name}-{target.Arch}");

    private static Func<FailedBuild, CancellationToken, Task>? WhenNotInterrupted(Func<FailedBuild, CancellationToken, Task>? tell) => tell is null ? null : async (failed, ct) =>
    {
        await Task.Delay(InterruptDelay, ct);
        await tell(failed, ct);
    };

    private async Task<DateTimeOffset> EpochAsync(string name, string spec, CancellationToken ct)
    {
        var epoch = long.TryParse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"), out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : BuildEpoch.OfChangelog(await File.ReadAllTextAsync(spec, ct))
            ?? await new Git(Workspace.Folder).TimeOfHeadAsync(ct)
            ?? DateTimeOffset.UnixEpoch;
        if (epoch > DateTimeOffset.UtcNow)
        {
            Reporter.Warning($"SOURCE_DATE_EPOCH, by the environment, the newest changelog entry or the last commit, is {epoch:yyyy-MM-dd HH:mm}Z and still to come: files get the time of this build, and no other build gives the same package.", new SourcePosition(name));
        }

        return epoch;
    }
}
