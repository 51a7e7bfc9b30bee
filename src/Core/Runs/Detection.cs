using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Lockfiles;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs;

/// <summary>Which locked packages changed: one entry per lockfile, or per commit when the history was asked for.</summary>
/// <param name="Locks">In the order of the request.</param>
public sealed record Detection(ImmutableArray<DetectedLock> Locks)
{
    /// <summary>Whether the entries are commits.</summary>
    public bool IsHistory => Locks.Any(each => each.Commit is not null);

    /// <summary>Alarms about the settings and not about one of the locks.</summary>
    public ImmutableArray<Alarm> Alarms { get; init; } = [];

    /// <summary>What the project's RPMs follow; null without settings.</summary>
    public Settings? Settings { get; init; }

    /// <summary>The RPMs of the settings that follow a package: a change of it means that they are built again.</summary>
    /// <param name="change">The package.</param>
    public ImmutableArray<string> FollowersOf(LockChange change) =>
        [.. (Settings?.Rpms ?? []).Where(rpm => rpm.Follows.Contains(change.Key, StringComparer.Ordinal)).Select(rpm => rpm.Name)];

    /// <summary>Every alarm, accepted or not.</summary>
    public IEnumerable<Alarm> AllAlarms => Locks.SelectMany(each => each.Alarms).Concat(Alarms);

    /// <summary>Whether any lockfile has a change.</summary>
    public bool HasChanges => Locks.Any(each => each.Diff.Changes.Length > 0);

    /// <summary>The document that <c>detect --json</c> prints and the MSBuild task reads.</summary>
    public string ToJson() => JsonText.OfDocument(json =>
    {
        json.WriteItems("lockfiles", Locks, each => Write(json, each));
        json.WriteAlarms(Alarms);
    });

    /// <summary>The word of the JSON document.</summary>
    public static string WordOf(LockChangeKind kind) => kind switch
    {
        LockChangeKind.Added => "added",
        LockChangeKind.Removed => "removed",
        LockChangeKind.Upgraded => "upgraded",
        LockChangeKind.Downgraded => "downgraded",
        LockChangeKind.Changed => "changed",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of change."),
    };

    private void Write(Utf8JsonWriter json, DetectedLock each)
    {
        json.WriteString("path", each.Path);
        json.WriteString("format", each.Format);
        if (each.Commit is { } commit)
        {
            json.WriteString("commit", commit);
        }

        json.WriteString("from", each.From);
        json.WriteString("to", each.To);
        json.WriteItems("changes", each.Diff.Changes, change => Write(json, change));
        json.WriteStrings("warnings", each.Warnings);
        json.WriteAlarms(each.Alarms);
    }

    private void Write(Utf8JsonWriter json, LockChange change)
    {
        json.WriteString("name", change.Name);
        json.WriteStrings("old", change.Old);
        json.WriteStrings("new", change.New);
        json.WriteString("kind", WordOf(change.Kind));
        json.WriteStrings("rpms", FollowersOf(change));
        json.WriteStartObject("files");
        json.WriteStrings("added", change.Files.Added);
        json.WriteStrings("removed", change.Files.Removed);
        json.WriteStrings("rehashed", change.Files.Rehashed.Select(file => file.Name));
        json.WriteEndObject();
    }
}

/// <summary>The changes of one lockfile between two states.</summary>
/// <param name="Path">As the user or the settings name it.</param>
/// <param name="Format"><c>poetry</c>, <c>uv</c>, <c>npm</c>, …; empty when no state of it could be read.</param>
/// <param name="From">Full commit id or path of a file; null for "before the first commit".</param>
/// <param name="To">Full commit id or path of a file.</param>
/// <param name="Diff">What is different.</param>
public sealed record DetectedLock(string Path, string Format, string? From, string To, LockDiff Diff)
{
    /// <summary>Everything about it that a person should look at, accepted or not.</summary>
    public ImmutableArray<Alarm> Alarms { get; init; } = Diff.Alarms;

    /// <summary>Alarms that nobody accepted and notes, one sentence each.</summary>
    public ImmutableArray<string> Warnings => [.. Alarms.Where(alarm => alarm.Accepted is null).Select(alarm => alarm.Sentence), .. Diff.Notes];

    /// <summary>The commit that this entry is about, when the history was asked for.</summary>
    public string? Commit { get; init; }

    /// <summary>The older state; null when the lock was not there.</summary>
    public Lockfile? Before { get; init; }

    /// <summary>The newer state; null when the lock is not there.</summary>
    public Lockfile? After { get; init; }

    /// <summary>What <see cref="After"/> was read from. A digest of it would cost each 'detect' the start of the cryptographic library.</summary>
    internal ReadOnlyMemory<byte>? Bytes { get; init; }
}

/// <summary>What to compare.</summary>
/// <param name="Folder">Full path of the project; all paths are relative to it.</param>
public sealed record DetectionRequest(string Folder)
{
    /// <summary>The side that is piped in, as everywhere; a file of this name is <c>./-</c>.</summary>
    public const string StandardInput = "-";

    /// <summary>The lockfiles; empty means the usual names that are in the folder.</summary>
    public ImmutableArray<string> Lockfiles { get; init; } = [];

    /// <summary>
    /// A revision, a file, or <see cref="StandardInput"/>. Null: the last change of the lock, committed or not, that is HEAD when the newer state differs from it,
    /// else the commit before the last one that changed the lock.
    /// </summary>
    public string? From { get; init; }

    /// <summary>A revision, a file, or <see cref="StandardInput"/>. Null: the file in the work tree.</summary>
    public string? To { get; init; }

    /// <summary>What a side that is <see cref="StandardInput"/> is read from; null: there is no such side.</summary>
    public Stream? Input { get; init; }

    /// <summary>What the project says about alarms; null without settings.</summary>
    public AlarmRules? Rules { get; init; }

    /// <summary>
    /// Takes folder and lockfiles from the settings, unless the user said what to compare by naming a lockfile or a file. Without settings
    /// it stays as it is.
    /// </summary>
    /// <param name="config">The settings file that the user named, or null to look for one.</param>
    /// <param name="ct">Ends reading.</param>
    public async Task<DetectionRequest> WithSettingsAsync(string? config, CancellationToken ct)
    {
        var isSaid = Lockfiles is [_, ..] || IsFile(From) || IsFile(To);
        if ((isSaid && config is null) || await Workspace.TryOpenAsync(Folder, config, ct) is not { } workspace)
        {
            return this;
        }

        var request = this with { Rules = new AlarmRules(workspace.Settings, SourceDate.Today()) };
        return isSaid ? request : request with { Folder = workspace.Folder, Lockfiles = workspace.Settings.Project.Lockfiles };
    }

    /// <summary>Whether a side is a file; of two names that are possible, a file wins over a revision.</summary>
    internal bool IsFile(string? side) => side is not (null or StandardInput) && File.Exists(Path.GetFullPath(side, Folder));
}
