using DotnetRelease.Runs;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DotnetRelease.Tasks;

/// <summary>
/// Tells MSBuild by which files it sees whether RPMs may have to be built again: the project's inputs, a note of everything else that was
/// asked for, and the record of the last build. A package of the record that went away is an output that is missing.
/// </summary>
public sealed class FindRpmInputs : PlanTask
{
    /// <summary>The key to sign with, when there will be signing.</summary>
    public string Key { get; set; } = "";

    /// <summary>The record that the last build wrote.</summary>
    [Required]
    public string Record { get; set; } = "";

    /// <summary>Where the note goes; written only when it changes.</summary>
    [Required]
    public string Note { get; set; } = "";

    /// <summary>Files that the build depends on.</summary>
    [Output]
    public ITaskItem[] Inputs { get; private set; } = [];

    /// <summary>Files that are there after a build.</summary>
    [Output]
    public ITaskItem[] Outputs { get; private set; } = [];

    /// <inheritdoc/>
    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken ct)
    {
        var found = await BuildInputs.FindAsync(await OpenAsync(ct), ct);

        // The names of the inputs too: a file that was deleted has no time. The build itself writes release.lock, which is none before the first.
        var names = found.Files.Where(path => Path.GetFileName(path) is not Planning.ReleaseLock.FileName);
        string[] note = [found.Head ?? "no commit", From, To, .. Rpms, "on", .. Targets, "to", Output, Key, Config, .. names];
        var text = string.Join('\n', note) + "\n";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Note))!);
        if (!File.Exists(Note) || await File.ReadAllTextAsync(Note, ct) != text)
        {
            await File.WriteAllTextAsync(Note, text, ct);
        }

        var missing = RpmRecord.Read(Record).Select(file => file.Path).Where(path => !File.Exists(path));
        Inputs = [.. found.Files.Append(Note).Select(path => new TaskItem(path))];
        Outputs = [.. missing.Prepend(Record).Select(path => new TaskItem(path))];
    }
}
