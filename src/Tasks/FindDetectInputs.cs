using DotnetRelease.Runs;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DotnetRelease.Tasks;

/// <summary>Tells MSBuild by which files it sees whether bumps have to be looked for again: settings, locks, and a note of everything else.</summary>
public sealed class FindDetectInputs : DetectTask
{
    /// <summary>Where the note goes; written only when it changes.</summary>
    [Required]
    public string Note { get; set; } = "";

    /// <summary>Files that the answer depends on.</summary>
    [Output]
    public ITaskItem[] Inputs { get; private set; } = [];

    /// <inheritdoc/>
    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken ct)
    {
        var found = await DetectInputs.FindAsync(await RequestAsync(ct), ct);

        // Acceptances end and versions get older from day to day. The names of the inputs too: a file that was deleted has no time.
        var today = SourceDate.Today().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var text = string.Join('\n', [From, To, Config, today, .. found.Commits, .. found.Files]) + "\n";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Note))!);
        if (!File.Exists(Note) || await File.ReadAllTextAsync(Note, ct) != text)
        {
            await File.WriteAllTextAsync(Note, text, ct);
        }

        Inputs = [.. found.Files.Append(Note).Select(path => new TaskItem(path))];
    }
}
