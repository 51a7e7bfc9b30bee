using DotnetRelease.Runs;

namespace DotnetRelease.Tasks;

/// <summary>What the tasks around <c>DotnetReleaseDetect</c> share: which locks, and which two states of them.</summary>
public abstract class DetectTask : ReleaseTask
{
    /// <summary>The older side: a revision or a file. Empty: the last change of the lock, committed or not.</summary>
    public string From { get; set; } = "";

    /// <summary>The newer side: a revision or a file. Empty: the file in the work tree.</summary>
    public string To { get; set; } = "";

    /// <summary>Both as the value for Core.</summary>
    private protected Task<DetectionRequest> RequestAsync(CancellationToken ct) =>
        new DetectionRequest(ProjectFolder) { From = Optional(From), To = Optional(To) }.WithSettingsAsync(Optional(Config), ct);
}
