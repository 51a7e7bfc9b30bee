using System.Collections.Immutable;
using System.CommandLine;
using DotnetRelease.Planning;
using DotnetRelease.Runs;
using DotnetRelease.Storage;
using DotnetRelease.Tool.Reporting;

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
        var range = new RangeOptions();
        Option<string[]> rpms = new("--rpm") { HelpName = "name", Description = "Plan this RPM, changed or not; repeatable.", AllowMultipleArgumentsPerToken = true };
        Option<string[]> targets = new("--target") { HelpName = "name", Description = "Plan for this target only; repeatable.", AllowMultipleArgumentsPerToken = true };
        Option<string> matrix = new("--matrix") { HelpName = "github", Description = "Print the builds as a job matrix, one line of JSON; with --json also their count." };
        matrix.AcceptOnlyFromAmong("github");
        Option<bool> explain = new("--explain") { Description = "Say why: wheels, constraints, what is left out. Asks no registry (but see --distro) and writes nothing." };
        Option<bool> distro = new("--distro")
        {
            Description = "With --explain: ask each target's own repositories whether they have the package themselves. Downloads images and metadata.",
        };
        var format = CommonOptions.Format();
        var dryRun = CommonOptions.DryRun();

        return new Verb(
            "plan",
            Summary,
            "dotnet release plan",
            "dotnet release plan --from v1.2.0 --json",
            "dotnet release plan --rpm python3-pyside6 --target fedora-43",
            "dotnet release plan --explain --format markdown",
            "dotnet release plan --explain --distro",
            "dotnet release plan --matrix github --json")
        {
            range.From, range.To, rpms, targets, matrix, explain, distro, format, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            var explains = parsed.GetValue(explain);
            var isDry = parsed.GetValue(dryRun) || explains;
            var asksDistros = parsed.GetValue(distro);
            RefuseFormat(parsed.GetValue(format), explains);
            if (asksDistros && (!explains || parsed.GetValue(dryRun)))
            {
                throw new ReleaseException(Fault.Usage, "--distro asks repositories: it is for --explain, and a dry run asks nobody.");
            }

            using var machine = new Machine(Places.FromEnvironment(), session.Reporter, mayWrite: !isDry || asksDistros, workspace.Settings);
            var run = new PlanRun(workspace, machine.Cache.Known)
            {
                Built = await new BuildRecords(machine.Cache.Known).ReadAsync(workspace, RpmRequest.DefaultOutput, ct),
                Resolve = isDry && !asksDistros ? null : machine.Images.ResolveAsync,
                ImagesMayStayOpen = true,
                AskAge = isDry ? null : machine.Fetcher(workspace).UploadedAsync,
            };
            var request = new PlanRequest([.. parsed.GetValue(rpms) ?? []], [.. parsed.GetValue(targets) ?? []])
            {
                ForeseeSpecUpdate = true,
                Today = SourceDate.Today(),
            };

            var result = await run.MakeAsync(range.Of(parsed), request, ct);
            result.TellTo(session.Reporter);
            result.RefuseAlarms();
            if (parsed.GetValue(matrix) is not null && (await workspace.ReadLockAsync(ct)).ToText() != result.Lock.ToText())
            {
                session.Reporter.Warning($"{ReleaseLock.FileName} does not have every image of this plan: commit it, or each job may build in another one.");
            }

            if (!isDry)
            {
                await workspace.WriteLockAsync(result.Lock, ct);
            }

            var view = new View(parsed.GetValue(matrix) is not null, explains, parsed.GetValue(format))
            {
                Offers = asksDistros ? await new DistroQuery(workspace, machine, session.Reporter).AskAsync(result.Plan, ct) : [],
            };
            await ShowAsync(session, workspace, result, view, ct);
            return ExitCode.Success;
        });
    }

    private static void RefuseFormat(PageFormat format, bool explains)
    {
        if (format is not PageFormat.Table && !explains)
        {
            throw new ReleaseException(Fault.Usage, "--format is for --explain.") { Remedy = "Add --explain, or ask for --json." };
        }
    }

    private static async Task ShowAsync(Session session, Workspace workspace, PlanResult result, View view, CancellationToken ct)
    {
        if (view.Matrix)
        {
            var matrix = BuildMatrix.Of(result.Plan);
            session.Output.WriteLine(session.Json ? matrix.ToJson() : matrix.ToGitHub());
            session.Reporter.Info($"{matrix.Cells.Length} to build.");
        }
        else if (view.Explain)
        {
            var explanation = PlanExplanation.Of(result.Plan, result.Inputs, await workspace.ReadDependenciesAsync(ct), view.Offers);
            if (session.Json)
            {
                session.Output.WriteLine(explanation.ToJson());
                return;
            }

            PlanOutput.ToPage(explanation).WriteTo(session.Output, view.Format, session.Color);
        }
        else if (session.Json)
        {
            session.WriteJson(json => PlanJson.Write(json, result.Plan));
        }
        else
        {
            PlanOutput.Show(session, result.Plan);
        }
    }

    /// <summary>What the user wants to see of the plan.</summary>
    private sealed record View(bool Matrix, bool Explain, PageFormat Format)
    {
        /// <summary>What distros said, when they were asked.</summary>
        public ImmutableArray<DistroOffer> Offers { get; init; } = [];
    }
}
