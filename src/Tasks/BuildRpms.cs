using DotnetRelease.Containers;
using DotnetRelease.Planning;
using DotnetRelease.Runs;
using DotnetRelease.Storage;
using Microsoft.Build.Framework;

namespace DotnetRelease.Tasks;

/// <summary>Builds what the plan says, in containers: the rule behind <c>rpm</c>.</summary>
public sealed class BuildRpms : PlanTask
{
    /// <summary>What runs the containers: <c>embedded</c>, <c>podman</c> or <c>docker</c>. Empty: what the settings say.</summary>
    public string Engine { get; set; } = "";

    /// <summary>Where the packages are written down for <see cref="ReadRpmRecord"/>.</summary>
    [Required]
    public string Record { get; set; } = "";

    /// <inheritdoc/>
    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken ct)
    {
        var workspace = await OpenAsync(ct);
        using var machine = new Machine(Places.FromEnvironment(), Reporter, settings: workspace.Settings) { AskedEngine = Engine.Length > 0 ? EngineChoice.Parse(Engine) : null };
        var run = new RpmRun(workspace, machine, Reporter);
        var request = Request;
        var planned = await run.PlanAsync(request, ask: true, ct);
        Settle(planned);
        await workspace.WriteLockAsync(planned.Lock, ct);
        var results = await run.RunAsync(planned.Plan, request, ct);
        foreach (var result in results)
        {
            Tell(result);
        }

        // After a failure the next build has to try again, whatever the times of the files say.
        if (!Log.HasLoggedErrors)
        {
            RpmRecord.Write(Record, results.SelectMany(RpmRecord.Of));
        }

        if (results.IsEmpty)
        {
            TellWhyNot(planned.Plan);
        }
    }

    private void Tell(RpmResult result)
    {
        if (result.Failure is { } failure)
        {
            LogFault(failure);
            return;
        }

        foreach (var file in RpmRecord.Of(result))
        {
            Log.LogMessage(MessageImportance.High, "{0}: {1}", file.State, file.Path);
        }
    }

    private void TellWhyNot(ReleasePlan plan)
    {
        foreach (var step in plan.Steps)
        {
            Reporter.Info($"{step.State} {step.Name}: {step.Why}");
        }
    }
}
