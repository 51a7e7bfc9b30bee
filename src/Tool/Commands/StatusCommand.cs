using System.CommandLine;
using DotnetRelease.Facts;
using DotnetRelease.Runs.Shipping;
using DotnetRelease.Runs;
using DotnetRelease.Storage;
using DotnetRelease.Tool.Reporting;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>status</c>: where is my package now?</summary>
internal static class StatusCommand
{
    private const string Summary = """
        Show where every package is now: planned, built, signed, published, live.

        Read from the world: the result folders, what the repositories serve, the release on GitHub. The ledger adds what the world cannot show, such as
        a package that was published and is gone. With --check every package is read again and compared by its digest, and signatures are checked.
        """;

    public static Command Create()
    {
        Option<bool> check = new("--check") { Description = "Prove it: read every package and signature again. Fails when something is missing, different, extra or rolled back." };
        Option<bool> rebuild = new("--rebuild") { Description = "Write what the world shows into the ledger, marked as observed; a broken ledger is moved away first." };

        return new Verb("status", Summary, "dotnet release status", "dotnet release status --check --json", "dotnet release status --rebuild") { check, rebuild }
            .Does(async (parsed, session, ct) =>
            {
                var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
                var (isCheck, isRebuild) = (parsed.GetValue(check), parsed.GetValue(rebuild));
                using var machine = new Machine(Places.FromEnvironment(), session.Reporter);
                var world = new ShipWorld(workspace, machine, session.Reporter, Open(workspace, session.Reporter, isRebuild));

                // A ledger that is not there is not noticed by reading the world; who wants proof wants to know from now on.
                if (isRebuild || (isCheck && !world.Ledger.Exists))
                {
                    var count = await new LedgerRebuild(world).RunAsync(ct);
                    session.Reporter.Info($"{count} facts that the ledger did not know were observed and written down.");
                }

                var status = await new StatusRun(world).ReadAsync(isCheck, ct);
                if (session.Json)
                {
                    session.WriteJson(status.WriteTo);
                }
                else
                {
                    Print(session, status);
                }

                return End(session, status);
            });
    }

    private static Ledger Open(Workspace workspace, IReporter reporter, bool isRebuild)
    {
        var path = Ledger.PathIn(workspace.Folder);
        try
        {
            return Ledger.Open(path, reporter);
        }
        catch (ReleaseException ex) when (isRebuild && ex.Fault == Fault.LedgerBroken)
        {
            reporter.Warning($"{ex.Message} It is now '{Ledger.MoveAway(path)}'.");
            return Ledger.Open(path, reporter);
        }
    }

    private static ExitCode End(Session session, ReleaseStatus status)
    {
        var drift = status.AllDrift.ToList();
        if (drift is [])
        {
            return ExitCode.Success;
        }

        // The table and the document name each already.
        return session.Json
            ? Fault.StatusDrift.Exit
            : throw new ReleaseException(Fault.StatusDrift, drift is [var only] ? only.Text : $"{drift.Count} things are not as they were released. The first of them: {drift[0].Text}");
    }

    private static void Print(Session session, ReleaseStatus status)
    {
        if (status.Packages.IsEmpty)
        {
            session.Output.WriteLine("No package yet.");
        }

        var table = new TextTable("package", "version", "target", "state", "sha256", "where");
        foreach (var package in status.Packages)
        {
            var digest = package.Files is [{ Sha256: { } sha256 }, ..] ? sha256.Hex[..12] : "";
            table.Add(package.Name, package.Version, package.Target, PackageStatus.WordOf(package.State) + (package.Drift.IsEmpty ? "" : " !"), digest, package.Where);
        }

        if (!status.Packages.IsEmpty)
        {
            table.WriteTo(session.Output, session.Color);
        }

        foreach (var each in status.AllDrift)
        {
            session.Output.WriteLine($"! {each.Kind}: {each.Text}");
        }

        foreach (var refusal in status.Refusals)
        {
            session.Output.WriteLine($"! tag {refusal.Details[FactDetail.Tag]} was refused on {refusal.At:yyyy-MM-dd HH:mm}Z: {refusal.Details.GetValueOrDefault(FactDetail.Why)}");
        }

        if (status.Failure is { } failure)
        {
            session.Output.WriteLine($"! {failure.Details.GetValueOrDefault("step")} failed on {failure.At:yyyy-MM-dd HH:mm}Z: {failure.Details.GetValueOrDefault(FactDetail.Why)}");
        }
    }
}
