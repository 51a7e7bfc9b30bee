using System.CommandLine;
using DotnetRelease.Facts;
using DotnetRelease.Runs.Shipping;
using DotnetRelease.Runs;
using DotnetRelease.Storage;
using DotnetRelease.Tool.Reporting;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>ship</c>: everything, in order.</summary>
internal static class ShipCommand
{
    private const string Summary = """
        Release what a signed tag names: everything, in order, from the tag to the users.

        The tag's signature and permission are checked first. Then everything that could fail later is tried, and then: fetch, build, sign, publish
        to the first repository, verify it as a client, wait for the testers' statement when [qa] asks for one, promote, and publish on GitHub.
        What is done already is read from the world, so a run that was stopped anywhere goes on with --resume, and nothing is done twice.
        """;

    public static Command Create()
    {
        Option<string> tag = new("--tag") { HelpName = "name", Description = "The tag (default: the one of the commit that is checked out)." };
        Option<bool> resume = new("--resume") { Description = "Go on with a release that was begun." };
        Option<string> channel = new("--channel") { HelpName = "name", Description = "Channel that the signer has to be allowed for. A repository's name ends the release there.", DefaultValueFactory = _ => ShipRequest.DefaultChannel };
        Option<string> maintainers = new("--maintainers") { HelpName = "rev", Description = "The revision whose maintainers.toml counts (default: the protected branch)." };
        Option<string> to = new("--to") { HelpName = "name", Description = "The repository to publish to first (default: the only one that is not promoted to)." };
        Option<string> yes = new("--yes-to") { HelpName = "repository[@plan]", Description = "Say yes to the repository that users install from, beforehand; with @, only for the plan that --dry-run showed." };
        var engine = CommonOptions.Engine();
        var secret = new KeyOptions();
        var dryRun = CommonOptions.DryRun();

        return new Verb("ship", Summary, "dotnet release ship --tag v1.2.0", "dotnet release ship --resume --yes-to prod", "dotnet release ship --tag v1.2.0 --dry-run --json")
        {
            tag, resume, channel, maintainers, to, yes, engine, secret.File, secret.Descriptor, secret.Passphrase, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var isDry = parsed.GetValue(dryRun);
            using var access = isDry ? Processes.KeyAccess.OfUser : secret.Read(parsed, session);
            if (!isDry)
            {
                await EventOrigin.RequireTrustedAsync("ship", session.Folder, ct);
            }

            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            using var machine = new Machine(Places.FromEnvironment(), session.Reporter, mayWrite: !isDry, workspace.Settings) { AskedEngine = CommonOptions.EngineOf(parsed, engine) };
            await using var home = await access.OpenAsync(ct);
            var world = new ShipWorld(workspace, machine, session.Reporter, Ledger.Open(Ledger.PathIn(workspace.Folder), session.Reporter)) { Gpg = home.Gpg };
            var run = new ReleaseRun(world, new ShipRequest
            {
                Tag = parsed.GetValue(tag),
                Resume = parsed.GetValue(resume),
                Channel = parsed.GetRequiredValue(channel),
                Maintainers = parsed.GetValue(maintainers),
                To = parsed.GetValue(to),
                Yes = parsed.GetValue(yes) is { } answer ? ProductionAnswer.Parse(answer) : null,
                Ask = Terminal.CanAsk && !session.Json ? Ask : null,
            });
            ShipOutput.Show(session, isDry ? await run.PreviewAsync(ct) : await run.RunAsync(ct));
            return ExitCode.Success;
        });
    }

    private static async Task<string?> Ask(string repository, CancellationToken ct)
    {
        await Console.Error.WriteAsync($"Users install from '{repository}'. Type its name to release there: ");
        return (await Console.In.ReadLineAsync(ct))?.Trim();
    }
}
