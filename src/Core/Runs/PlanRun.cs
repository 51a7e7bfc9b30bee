using System.Collections.Immutable;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>Reads what a plan is made from, and makes it.</summary>
/// <param name="Workspace">The project.</param>
/// <param name="Known">Spares hashing files that nobody touched.</param>
public sealed record PlanRun(Workspace Workspace, KnownDigests Known)
{
    /// <summary>Asks what an image reference means now; null: nobody may be asked, and what is not pinned stays open.</summary>
    public Func<ImageReference, CancellationToken, Task<Digest>>? Resolve { get; init; }

    /// <summary>No registry is asked; files and folders of this machine are looked at all the same.</summary>
    public bool OnlyLocal { get; init; }

    /// <summary>What is known of images; null: what <c>release.lock</c> says.</summary>
    public ReleaseLock? Pinned { get; init; }

    /// <summary>Every image in a registry has to be pinned already.</summary>
    public bool OnlyPinned { get; init; }

    /// <summary>An image that cannot be found is a warning of the plan and not its end.</summary>
    public bool ImagesMayStayOpen { get; init; }

    /// <summary>What earlier builds left and still is there.</summary>
    public ImmutableArray<BuildRecord> Built { get; init; } = [];

    /// <summary>Asks an index when files of a package were uploaded; null: nobody may be asked.</summary>
    public Func<string, IReadOnlyCollection<string>, CancellationToken, Task<DateTimeOffset?>>? AskAge { get; init; }

    /// <summary>Makes the plan. Nothing is written.</summary>
    public async Task<PlanResult> MakeAsync(PlanRange range, PlanRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(range);
        ArgumentNullException.ThrowIfNull(request);
        var (inputs, detection) = await ReadAsync(range, request, ct);

        var pins = await Workspace.ReadLockAsync(ct);
        inputs = inputs with { Roots = pins.Roots };

        // A plan without images first: a registry is not asked for a plan that fails, or for targets that are not in it.
        var draft = Planner.Plan(inputs);
        var targets = draft.Rpms.SelectMany(rpm => rpm.Targets).Select(target => Workspace.Settings.FindTarget(target.Name)!).Distinct().ToImmutableArray();
        var question = new ImageQuestion(targets, Pinned ?? pins) { Resolve = Resolve, MayStayOpen = ImagesMayStayOpen, OnlyLocal = OnlyLocal, OnlyPinned = OnlyPinned };
        var images = await ImagePins.FindAsync(Workspace, question, ct);
        inputs = inputs with { Images = images.Pins };
        return new(BuildWays.AddTo(Planner.Plan(inputs), Workspace.Settings), images.Lock, [.. detection.Locks.SelectMany(each => each.Diff.Notes), .. images.Warnings])
        {
            Inputs = inputs,
            Alarms = [.. detection.AllAlarms, .. await AskAgesAsync(detection, ct)],
        };
    }

    /// <summary>Locks and specs, without images.</summary>
    internal async Task<(PlanInputs Inputs, Detection Locks)> ReadAsync(PlanRange range, PlanRequest request, CancellationToken ct)
    {
        var settings = Workspace.Settings;
        var detection = settings.Project.Lockfiles.IsEmpty
            ? new Detection([])
            : await Detector.CompareAsync(
                new(Workspace.Folder)
                {
                    Lockfiles = settings.Project.Lockfiles,
                    From = range.From,
                    To = range.To,
                    Rules = new AlarmRules(settings, SourceDate.Today()),
                },
                ct);
        var specs = ImmutableDictionary.CreateBuilder<string, SpecFolder>(StringComparer.Ordinal);
        foreach (var rpm in settings.Rpms)
        {
            if (await Workspace.ReadSpecAsync(rpm, Known, ct) is { } folder)
            {
                specs.Add(rpm.Name, folder);
            }
        }

        var pairs = detection.Locks.Select(each => new LockPair(each.Before, each.After ?? throw Gone(each))
        {
            Path = each.Path,
            Digest = each.Bytes is { } bytes ? Digest.Of(bytes.Span) : null,
        });
        return (new(settings, [.. pairs], request) { Specs = specs.ToImmutable(), Built = Built }, detection);
    }

    /// <summary>What only the index knows about the locks, and is asked only because a cooldown needs it.</summary>
    private async Task<ImmutableArray<Alarm>> AskAgesAsync(Detection detection, CancellationToken ct)
    {
        var alarms = ImmutableArray.CreateBuilder<Alarm>();
        if (AskAge is not { } ask)
        {
            return [];
        }

        var rules = new AlarmRules(Workspace.Settings, SourceDate.Today());
        foreach (var package in detection.Locks.SelectMany(each => AgeAlarms.OpenQuestions(rules, each.Before, each.After!)))
        {
            DateTimeOffset? uploaded = null;
            string? failure = null;
            try
            {
                uploaded = await ask(package.Name, [.. package.Files.Select(file => file.Name)], ct);
            }
            catch (ReleaseException ex)
            {
                failure = $" The index was asked: {ex.Message}";
            }

            alarms.AddRange(AgeAlarms.Of(rules, package, uploaded).Select(alarm => alarm with { Text = alarm.Text + failure }));
        }

        return AlarmJudge.Judge(alarms, Workspace.Settings.Accepted, rules.Today);
    }

    private static ReleaseException Gone(DetectedLock each) => new(Fault.FileUnreadable, $"The lockfile '{each.Path}' is not in '{each.To}'.")
    {
        Remedy = "Name a newer side that has it with --to, or take it out of project.lockfiles.",
    };
}

/// <summary>Between which states of the lockfiles the bump is looked for; see <see cref="DetectionRequest"/> for what null means.</summary>
/// <param name="From">The older side: a revision or a file.</param>
/// <param name="To">The newer side: a revision or a file.</param>
public sealed record PlanRange(string? From, string? To);

/// <summary>A plan and what was found out on the way.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Lock">The <c>release.lock</c> with the images of the plan; the caller writes it.</param>
/// <param name="Warnings">What a person should look at, one sentence each.</param>
public sealed record PlanResult(ReleasePlan Plan, ReleaseLock Lock, ImmutableArray<string> Warnings)
{
    /// <summary>What the plan was made from, for who wants to explain it.</summary>
    public required PlanInputs Inputs { get; init; }

    /// <summary>What the locks gave cause to raise, accepted or not.</summary>
    public ImmutableArray<Alarm> Alarms { get; init; } = [];

    /// <summary>Tells everything that a person should look at.</summary>
    public void TellTo(IReporter reporter)
    {
        ArgumentNullException.ThrowIfNull(reporter);
        reporter.Tell(Alarms);
        foreach (var warning in Warnings)
        {
            reporter.Warning(warning);
        }
    }

    /// <summary>Ends a run whose locks have an alarm that somebody has to accept first.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.AlarmRaised"/>, at the first of them.</exception>
    public void RefuseAlarms() => AlarmReport.Refuse(Alarms, Fault.AlarmRaised, "The lock");
}
