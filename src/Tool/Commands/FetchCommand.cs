using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using DotnetRelease.Planning;
using DotnetRelease.Runs;
using DotnetRelease.Sources;
using DotnetRelease.Storage;
using Spectre.Console;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>fetch</c>: sources into the cache, proven.</summary>
internal static class FetchCommand
{
    private const string Summary = """
        Download the sources of RPMs and prove them.

        Takes what 'plan' would build: RPMs whose followed packages changed, or those that are named. Each file has to have the digest that the
        lock or the 'sources' file beside the spec gives it; then it is kept in the cache under that digest and not fetched again. A spec that
        lags behind the lock is taken as 'spec update' will leave it.
        """;

    public static Command Create()
    {
        Argument<string[]> names = new("name") { Description = "RPMs of the settings, changed or not (default: those that 'plan' shows).", Arity = ArgumentArity.ZeroOrMore };
        var range = new RangeOptions();
        Option<bool> update = new("--update") { Description = "First write the digests of sources that [[rpm.source]] says how to make into 'sources'." };
        var dryRun = CommonOptions.DryRun();

        return new Verb("fetch", Summary, "dotnet release fetch", "dotnet release fetch python3-pyside6 --json", "dotnet release fetch tool --update", "dotnet release fetch --dry-run")
        {
            names, range.From, range.To, update, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var isDry = parsed.GetValue(dryRun);
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            using var machine = new Machine(Places.FromEnvironment(), session.Reporter, mayWrite: !isDry);
            if (parsed.GetValue(update) && !await RecordAsync(new SourceRecordRun(workspace, machine, session.Reporter), [.. parsed.GetValue(names) ?? []], session, isDry, ct))
            {
                return ExitCode.Success;
            }

            var request = new PlanRequest([.. parsed.GetValue(names) ?? []], []) { ForeseeSpecUpdate = true, Today = SourceDate.Today() };
            var result = await new PlanRun(workspace, machine.Cache.Known).MakeAsync(range.Of(parsed), request, ct);
            result.TellTo(session.Reporter);
            result.RefuseAlarms();
            var fetcher = machine.Fetcher(workspace);
            var rows = Foresee(fetcher, result.Plan);
            if (!isDry)
            {
                using var stage = session.Reporter.Stage("fetch");
                rows = [.. rows.Zip(await FetchAsync(machine, workspace, result.Plan, ct), (row, source) => row with { Verified = source })];
            }

            Show(session, rows, isDry);
            return ExitCode.Success;
        });
    }

    /// <summary>Writes digests down.</summary>
    /// <returns>False when nothing more can be said, because a digest is known only after the dry run.</returns>
    private static async Task<bool> RecordAsync(SourceRecordRun run, ImmutableArray<string> names, Session session, bool isDry, CancellationToken ct)
    {
        var sources = await run.FindAsync(names, ct);
        if (isDry)
        {
            var open = sources.Where(source => !source.IsRecorded).ToList();
            open.ForEach(source => session.Reporter.Info($"{source.File}: would be made from {source.From}, and its digest written down"));
            if (open.Count > 0 && session.Json)
            {
                session.WriteJson(json =>
                {
                    json.WriteBoolean("fetched", false);
                    json.WriteStrings("record", open.Select(source => source.File));
                });
            }

            return open.Count is 0;
        }

        var edits = await run.MakeAsync(sources, ct);
        await run.WriteAsync(edits, ct);
        foreach (var edit in edits)
        {
            session.Reporter.Info($"{edit.Path}: written\n{edit.Diff.TrimEnd()}");
        }

        return true;
    }

    private static List<Row> Foresee(SourceFetcher fetcher, ReleasePlan plan) =>
        [.. plan.Rpms.SelectMany(rpm => rpm.Sources.Select(source => new Row(rpm.Name, source, fetcher.Foresee(source), null)))];

    private static async Task<List<VerifiedSource>> FetchAsync(Machine machine, Workspace workspace, ReleasePlan plan, CancellationToken ct)
    {
        var verified = new List<VerifiedSource>();
        foreach (var rpm in plan.Rpms)
        {
            verified.AddRange(await machine.FetchAsync(workspace, rpm, ct));
        }

        return verified;
    }

    private static void Show(Session session, IReadOnlyCollection<Row> rows, bool isDry)
    {
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteBoolean("fetched", !isDry);
                json.WriteItems("sources", rows, row =>
                {
                    json.WriteString("rpm", row.Rpm);
                    json.WriteString("file", row.Source.File);
                    json.WriteString("sha256", row.Source.Digest.Algorithm is "sha256" ? row.Source.Digest.Hex : null);
                    if (row.Source.Digest.Algorithm is "sha512" || row.Source.Also is not null)
                    {
                        json.WriteString("sha512", (row.Source.Also ?? row.Source.Digest).Hex);
                    }

                    json.WriteNumber("size", row.Size);
                    json.WriteString("from", row.From);
                    json.WriteString("origin", row.Foreseen.Origin);
                    json.WriteStrings("mirrors", row.Foreseen.Mirrors);
                    json.WriteString("digestFrom", row.Source.Origin.ToString());
                    json.WriteString("path", row.Verified?.Path);
                });
            });
            return;
        }

        if (rows.Count is 0)
        {
            session.Reporter.Info("Nothing to fetch: no RPM is planned that has sources. Name one to fetch its sources all the same.");
            return;
        }

        var table = Session.NewTable("rpm", "file", "bytes", isDry ? "would come from" : "came from", "digest");
        foreach (var row in rows)
        {
            var size = row.Size?.ToString(CultureInfo.InvariantCulture) ?? "?";
            table.AddRow(Markup.Escape(row.Rpm), Markup.Escape(row.Source.File), size, Markup.Escape(row.From), row.Source.Digest.Hex);
        }

        session.WriteTable(table);
    }

    /// <summary>One source of one RPM.</summary>
    /// <param name="Rpm">Name of the RPM.</param>
    /// <param name="Source">As planned.</param>
    /// <param name="Foreseen">Where it may be.</param>
    /// <param name="Verified">Null in a dry run.</param>
    private sealed record Row(string Rpm, PlannedSource Source, ForeseenSource Foreseen, VerifiedSource? Verified)
    {
        public string From => Verified?.From ?? Foreseen.First;

        public long? Size => Verified?.Size ?? Source.Size;
    }
}
