using System.CommandLine;
using DotnetRelease.Processes;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>rpm</c>: the main job.</summary>
internal static class RpmCommand
{
    private const string Summary = """
        Build the RPMs that a lock bump asks for, or those that are named.

        Detects the bump, plans, fetches the sources and the image, and builds binary and source packages in a container of each target.
        Build requirements are installed with a network; the spec is parsed and built without one. What is there already, made from exactly
        the same inputs, is not built again. Several targets are built at once; one that fails does not stop the others.
        """;

    public static System.CommandLine.Command Create()
    {
        var asked = new RpmOptions();
        return new Verb(
            "rpm",
            Summary,
            "dotnet release rpm",
            "dotnet release rpm python3-pyside6 --target fedora-43 --update-spec",
            "dotnet release rpm --only python3-pyside6@fedora-43/x86_64 --jobs 1",
            "dotnet release rpm --locked --offline",
            "dotnet release rpm --from v1.2.0 --sign --json")
        {
            asked.Names, asked.Targets, asked.Archs, asked.Only, asked.Range.From, asked.Range.To, asked.UpdateSpec,
            asked.Sign, asked.Secret.File, asked.Secret.Descriptor, asked.Secret.Passphrase,
            asked.Output, asked.Jobs, asked.Engine, asked.Shell, asked.Locked, asked.Offline, asked.Check, asked.Uninstalled, asked.DryRun,
            RpmCollectCommand.Create(), RpmDiffCommand.Create(),
        }
        .Does((parsed, session, ct) => RunAsync(asked, parsed, session, ct));
    }

    private static async Task<ExitCode> RunAsync(RpmOptions asked, ParseResult parsed, Session session, CancellationToken ct)
    {
        var (isDry, signs) = (parsed.GetValue(asked.DryRun), parsed.GetValue(asked.Sign));
        if (parsed.GetValue(asked.Shell) && !isDry)
        {
            FailureShell.RequireTerminal(session);
        }

        var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
        using var access = isDry || !signs ? KeyAccess.OfUser : asked.Secret.Read(parsed, session);
        if (signs && !isDry)
        {
            await EventOrigin.RequireTrustedAsync("rpm --sign", session.Folder, ct);
        }

        using var machine = new Machine(Places.FromEnvironment(), session.Reporter, mayWrite: !isDry, workspace.Settings)
        {
            AskedEngine = CommonOptions.EngineOf(parsed, asked.Engine),
            Offline = parsed.GetValue(asked.Offline),
        };
        var request = asked.Request(parsed, session, workspace, access);
        if (parsed.GetValue(asked.UpdateSpec) && !isDry)
        {
            var specs = new SpecUpdateRun(workspace, machine.Cache.Known) { Date = SourceDate.Today(), Sha512 = (source, token) => machine.Sha512OfAsync(workspace, source, token) };
            await specs.WriteAsync(await specs.FindAsync(request.Request.Rpms, request.Range, ct), ct);
        }

        var run = new RpmRun(workspace, machine, session.Reporter);
        var planned = await run.PlanAsync(request, ask: !isDry, ct);
        planned.TellTo(session.Reporter);
        planned.RefuseAlarms();
        if (isDry)
        {
            run.TellEngines(planned.Plan);
            RpmOutput.ShowPlan(session, planned.Plan);
            return ExitCode.Success;
        }

        await workspace.WriteLockAsync(planned.Lock, ct);
        return RpmOutput.Show(session, planned.Plan, await run.RunAsync(planned.Plan, request, ct));
    }
}
