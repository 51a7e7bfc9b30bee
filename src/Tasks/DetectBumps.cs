using DotnetRelease.Runs;
using Microsoft.Build.Framework;

namespace DotnetRelease.Tasks;

/// <summary>Which locked packages changed between two states of the project's lockfiles: the rule behind <c>detect</c>.</summary>
public sealed class DetectBumps : DetectTask
{
    /// <summary>Where the answer is written down for <see cref="ReadBumps"/>: the document of <c>detect --json</c>.</summary>
    [Required]
    public string Record { get; set; } = "";

    /// <inheritdoc/>
    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken ct)
    {
        var detection = await Detector.CompareAsync(await RequestAsync(ct), ct);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Record))!);
        await File.WriteAllTextAsync(Record, detection.ToJson(), ct);
    }
}
