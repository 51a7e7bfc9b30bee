using System.CommandLine;
using DotnetRelease.Http;
using DotnetRelease.Repositories;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo verify</c>: every target of a repository, as its clients see it.</summary>
internal static class RepoVerifyCommand
{
    private const string Summary = """
        Check a repository of the settings as its clients see it, every target.

        Reads like dnf: .repo file, keys behind every address (also the old ones of key-urls), signature, every metadata file, and each package by its
        size, or wholly with --deep. Then what dnf cannot see: whether somebody serves an old revision, by the signed record and by the ledger.
        """;

    public static Command Create()
    {
        Argument<string?> name = new("name") { Description = "The repository of the settings (default: the only one that is not promoted to).", Arity = ArgumentArity.ZeroOrOne };
        Option<string[]> targets = new("--target") { HelpName = "name", Description = "Only this target; repeatable." };
        var keys = ExpectedKeys.Option();
        var deep = Deep();
        return new Verb("verify", Summary, "dotnet release repo verify prod", "dotnet release repo verify qa --target fedora-43 --deep --json") { name, targets, keys, deep }.Does(async (parsed, session, ct) =>
        {
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            await using var trusted = await ExpectedKeys.OpenAsync(session, parsed.GetValue(keys) ?? [], ct);
            using var door = new HttpDoor(HttpLimits.Default, session.Reporter);
            var choice = new LifeChoice(parsed.GetValue(name), [.. parsed.GetValue(targets) ?? []]);
            var reports = await new RepositoryCheck(workspace, session.Reporter).RunAsync(choice, new VerifyRequest(trusted) { Deep = parsed.GetValue(deep), Door = door }, ct);
            return VerifyOutput.Show(session, [.. reports.SelectMany(report => VerifyOutput.Items(session, report.Report))]);
        });
    }

    public static Option<bool> Deep() => new("--deep") { Description = "Read every package wholly, and check its digests and its signature." };
}
