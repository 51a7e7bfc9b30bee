using DotnetRelease.Planning;
using DotnetRelease.Runs;
using DotnetRelease.Storage;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DotnetRelease.Tasks;

/// <summary>What has to be built and why: the rule behind <c>plan</c>. Asks no registry and writes nothing.</summary>
public sealed class MakePlan : PlanTask
{
    /// <summary>
    /// One item for each build. Identity is <c>RPM-TARGET-ARCH</c>; metadata: <c>Rpm</c>, <c>Version</c>, <c>RpmTarget</c>, <c>Arch</c>, <c>State</c>
    /// (<c>build</c>, <c>up-to-date</c>), <c>Why</c>, <c>Nevra</c> (separated by <c>,</c>), <c>Image</c> and <c>ImageDigest</c>.
    /// </summary>
    [Output]
    public ITaskItem[] Builds { get; private set; } = [];

    /// <inheritdoc/>
    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken ct)
    {
        var workspace = await OpenAsync(ct);
        using var machine = new Machine(Places.FromEnvironment(), Reporter, mayWrite: false, workspace.Settings);
        var request = Request;
        request = request with { Request = request.Request with { ForeseeSpecUpdate = true } };
        var planned = await new RpmRun(workspace, machine, Reporter).PlanAsync(request, ask: false, ct);
        Settle(planned);
        Builds = [.. planned.Plan.Rpms.SelectMany(rpm => rpm.Targets.Select(target => ToItem(rpm, target)))];
    }

    private static TaskItem ToItem(PlannedRpm rpm, PlannedTarget target)
    {
        var item = new TaskItem(new MatrixCell(rpm.Name, target.Name, target.Arch).Name);
        item.SetMetadata("Rpm", rpm.Name);
        item.SetMetadata("Version", rpm.Version);
        item.SetMetadata("RpmTarget", target.Name);
        item.SetMetadata("Arch", target.Arch);
        item.SetMetadata("State", target.State is TargetState.Build ? "build" : "up-to-date");
        item.SetMetadata("Why", $"{string.Join("; ", rpm.Reasons)}; {target.Why}");
        item.SetMetadata("Nevra", string.Join(',', target.Nevras));
        item.SetMetadata("Image", target.Image);
        item.SetMetadata("ImageDigest", target.ImageDigest?.ToString() ?? "");
        return item;
    }
}
