using System.CommandLine;
using DotnetRelease.Planning;
using DotnetRelease.Runs;
using DotnetRelease.Storage;
using Spectre.Console;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>plan</c>: what has to be built, and why.</summary>
internal static class PlanCommand
{
    private const string Summary = """
        Show what has to be built, and why.

        An RPM is in the plan when a locked package that it follows changed, or when it is named. A spec that lags behind the lock is planned as
        'spec update' will leave it. Image names are looked up once and written to release.lock, so that the next plan means the same image; one
        that cannot be looked up stays open, with a warning.
        """;

    public static Command Create()
    {
        Option<string> from = new("--from") { HelpName = "rev|file", Description = "The older side of the lockfiles (default: their last change, as with 'detect')." };
        Option<string> to = new("--to") { HelpName = "rev|file", Description = "The newer side (default: the files in the work tree)." };
        Option<string[]> rpms = new("--rpm") { HelpName = "name", Description = "Plan this RPM, changed or not; repeatable.", AllowMultipleArgumentsPerToken = true };
        Option<string[]> targets = new("--target") { HelpName = "name", Description = "Plan for this target only; repeatable.", AllowMultipleArgumentsPerToken = true };
        var dryRun = CommonOptions.DryRun();

        return new Verb("plan", Summary, "dotnet release plan", "dotnet release plan --from v1.2.0 --json", "dotnet release plan --rpm python3-pyside6 --target fedora-43")
        {
            from, to, rpms, targets, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            var isDry = parsed.GetValue(dryRun);
            using var machine = new Machine(Places.FromEnvironment(), session.Reporter, mayWrite: !isDry);
            var run = new PlanRun(workspace, machine.Cache.Known)
            {
                Built = await new BuildRecords(machine.Cache.Known).ReadAsync(workspace, RpmRequest.DefaultOutput, ct),
                Resolve = isDry ? null : machine.Images.ResolveAsync,
                ImagesMayStayOpen = true,
            };
            var request = new PlanRequest([.. parsed.GetValue(rpms) ?? []], [.. parsed.GetValue(targets) ?? []])
            {
                ForeseeSpecUpdate = true,
                Today = SourceDate.Today(),
            };

            var result = await run.MakeAsync(new PlanRange(parsed.GetValue(from), parsed.GetValue(to)), request, ct);
            foreach (var warning in result.Warnings)
            {
                session.Reporter.Warning(warning);
            }

            if (!isDry)
            {
                await workspace.WriteLockAsync(result.Lock, ct);
            }

            Show(session, result.Plan);
            return ExitCode.Success;
        });
    }

    private static void Show(Session session, ReleasePlan plan)
    {
        if (session.Json)
        {
            session.WriteJson(json => PlanJson.Write(json, plan));
            return;
        }

        foreach (var rpm in plan.Rpms)
        {
            Show(session, rpm);
        }

        session.Output.WriteLine("Steps");
        var steps = Session.NewTable("", "", "");
        steps.ShowHeaders = false;
        foreach (var step in plan.Steps)
        {
            steps.AddRow("  " + Markup.Escape(step.State), Markup.Escape(step.Name), Markup.Escape(step.Why));
        }

        session.WriteTable(steps);
    }

    private static void Show(Session session, PlannedRpm rpm)
    {
        session.Output.WriteLine(rpm.Version == rpm.SpecVersion
            ? $"{rpm.Name} {rpm.Version}"
            : $"{rpm.Name} {rpm.Version} (the spec has {rpm.SpecVersion})");
        foreach (var reason in rpm.Reasons)
        {
            session.Output.WriteLine($"  because {reason}");
        }

        var targets = Session.NewTable("  target", "arch", "state", "package", "image");
        foreach (var target in rpm.Targets)
        {
            targets.AddRow(
                "  " + Markup.Escape(target.Name),
                target.Arch,
                target.State is TargetState.Build ? "build" : "up to date",
                Markup.Escape(target.Nevras.FirstOrDefault() ?? ""),
                Markup.Escape(target.ImageDigest is { } digest ? $"{target.Image} {digest}" : target.Image));
        }

        session.WriteTable(targets);
        var sources = Session.NewTable("  source", "sha256", "known from");
        foreach (var source in rpm.Sources)
        {
            sources.AddRow("  " + Markup.Escape(source.File), source.Digest.Hex, Markup.Escape(source.Origin.ToString()));
        }

        if (!rpm.Sources.IsEmpty)
        {
            session.WriteTable(sources);
        }

        session.Output.WriteLine();
    }
}
