using System.Text.Json;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DotnetRelease.Tasks;

/// <summary>The last detection as items and warnings, also when nothing had to be looked for again: a warning that is shown once is overlooked.</summary>
public sealed class ReadBumps : ReleaseTask
{
    /// <summary>What <see cref="DetectBumps"/> wrote.</summary>
    [Required]
    public string Record { get; set; } = "";

    /// <summary>
    /// One item for each package that changed. Identity is the normalised name; metadata: <c>From</c> and <c>To</c> (all locked versions,
    /// separated by <c>,</c>, empty when absent), <c>Kind</c> (<c>added</c>, <c>removed</c>, <c>upgraded</c>, <c>downgraded</c>,
    /// <c>changed</c>), <c>Lockfile</c>, <c>Rpms</c> (those that follow it) and <c>Alarms</c> (ids that nobody accepted).
    /// </summary>
    [Output]
    public ITaskItem[] Bumps { get; private set; } = [];

    /// <inheritdoc/>
    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken ct)
    {
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(Record, ct));
        var items = new List<ITaskItem>();
        foreach (var file in document.RootElement.GetProperty("lockfiles").EnumerateArray())
        {
            var alarms = Alarms(file);
            items.AddRange(file.GetProperty("changes").EnumerateArray().Select(change => ToItem(file, change, alarms)));
            Warn(alarms);

            // The sentences of alarms are among the warnings once more.
            foreach (var note in Texts(file, "warnings").Except(alarms.Select(alarm => $"{alarm.At}: {alarm.Text}"), StringComparer.Ordinal))
            {
                Reporter.Warning(note, new SourcePosition(Text(file, "path")));
            }
        }

        Warn(Alarms(document.RootElement));
        Bumps = [.. items];
    }

    private void Warn(IEnumerable<Alarm> alarms)
    {
        foreach (var alarm in alarms)
        {
            Reporter.Warning(alarm.Text, alarm.At, alarm.Id);
        }
    }

    private static TaskItem ToItem(JsonElement file, JsonElement change, List<Alarm> alarms)
    {
        var name = Text(change, "name");
        var item = new TaskItem(name);
        item.SetMetadata("From", string.Join(',', Texts(change, "old")));
        item.SetMetadata("To", string.Join(',', Texts(change, "new")));
        item.SetMetadata("Kind", Text(change, "kind"));
        item.SetMetadata("Lockfile", Text(file, "path"));
        item.SetMetadata("Rpms", string.Join(',', Texts(change, "rpms")));
        item.SetMetadata("Alarms", string.Join(',', alarms.Where(alarm => alarm.Package == name).Select(alarm => alarm.Id).Distinct(StringComparer.Ordinal)));
        return item;
    }

    private static List<Alarm> Alarms(JsonElement owner) =>
    [
        .. from alarm in owner.GetProperty("alarms").EnumerateArray()
           where alarm.GetProperty("accepted").ValueKind is JsonValueKind.Null
           let at = new SourcePosition(Text(alarm, "file"), alarm.GetProperty("line").GetInt32(), alarm.GetProperty("column").GetInt32())
           select new Alarm(Text(alarm, "id"), alarm.GetProperty("package").GetString(), at, Text(alarm, "text")),
    ];

    private static string Text(JsonElement owner, string key) => owner.GetProperty(key).GetString()!;

    private static IEnumerable<string> Texts(JsonElement owner, string key) => owner.GetProperty(key).EnumerateArray().Select(text => text.GetString()!);

    private sealed record Alarm(string Id, string? Package, SourcePosition At, string Text);
}
