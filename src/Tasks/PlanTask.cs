using DotnetRelease.Planning;
using DotnetRelease.Runs;

namespace DotnetRelease.Tasks;

/// <summary>What the tasks share that work on a plan: which bump, which RPMs, which targets.</summary>
public abstract class PlanTask : ReleaseTask
{
    /// <summary>The older side of the lockfiles: a revision or a file. Empty: the last change of the lock, committed or not.</summary>
    public string From { get; set; } = "";

    /// <summary>The newer side: a revision or a file. Empty: the file in the work tree.</summary>
    public string To { get; set; } = "";

    /// <summary>RPMs of the settings; none: those that follow a changed package.</summary>
    public string[] Rpms { get; set; } = [];

    /// <summary>Targets of the settings; none: all.</summary>
    public string[] Targets { get; set; } = [];

    /// <summary>Where results go, a folder for each target; relative to the settings' folder.</summary>
    public string Output { get; set; } = RpmRequest.DefaultOutput;

    /// <summary>Everything that decides what is planned, as the value for Core.</summary>
    private protected RpmRequest Request => new(
        new PlanRange(Optional(From), Optional(To)),
        new PlanRequest([.. Rpms], [.. Targets]) { Today = SourceDate.Today() })
    {
        Output = Output,
    };

    /// <summary>Opens the project.</summary>
    private protected Task<Workspace> OpenAsync(CancellationToken ct) => Workspace.OpenAsync(ProjectFolder, Optional(Config), ct);

    /// <summary>Passes the plan's warnings on, and ends the task when nothing may be built from these locks.</summary>
    private protected void Settle(PlanResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        result.TellTo(Reporter);
        result.RefuseAlarms();
    }
}
