using DotnetRelease.Lockfiles;
using DotnetRelease.Runs;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DotnetRelease.Tasks;

/// <summary>Which locked packages changed between two states of the project's lockfiles: the rule behind <c>detect</c>.</summary>
public sealed class DetectBumps : ReleaseTask
{
    /// <summary>The older side: a revision or a file. Empty: the last change of the lock, committed or not.</summary>
    public string From { get; set; } = "";

    /// <summary>The newer side: a revision or a file. Empty: the file in the work tree.</summary>
    public string To { get; set; } = "";

    /// <summary>
    /// One item for each package that changed. Identity is the normalised name; metadata: <c>From</c> and <c>To</c> (all locked versions,
    /// separated by <c>,</c>, empty when absent), <c>Kind</c> (<c>added</c>, <c>removed</c>, <c>upgraded</c>, <c>downgraded</c>,
    /// <c>changed</c>) and <c>Lockfile</c>.
    /// </summary>
    [Output]
    public ITaskItem[] Bumps { get; private set; } = [];

    /// <inheritdoc/>
    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken ct)
    {
        var named = new DetectionRequest(ProjectFolder) { From = Optional(From), To = Optional(To) };
        var detection = await Detector.CompareAsync(await named.WithSettingsAsync(Optional(Config), ct), ct);
        foreach (var each in detection.Locks)
        {
            foreach (var note in each.Diff.Notes)
            {
                Reporter.Warning(note, new SourcePosition(each.Path));
            }
        }

        Reporter.Tell(detection.AllAlarms);

        Bumps = [.. detection.Locks.SelectMany(each => each.Diff.Changes.Select(change => ToItem(each, change)))];
    }

    private static TaskItem ToItem(DetectedLock each, LockChange change)
    {
        var item = new TaskItem(change.Name);
        item.SetMetadata("From", string.Join(',', change.Old));
        item.SetMetadata("To", string.Join(',', change.New));
        item.SetMetadata("Kind", Detection.WordOf(change.Kind));
        item.SetMetadata("Lockfile", each.Path);
        return item;
    }
}
