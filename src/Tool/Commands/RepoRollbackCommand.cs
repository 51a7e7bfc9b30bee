using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo rollback</c>: serves an earlier revision again.</summary>
internal static class RepoRollbackCommand
{
    private const string Summary = """
        Serve the packages of an earlier revision again.

        The metadata gets a new, higher revision and a new signature, because clients take it only forward. No package file is removed, so that one can
        come back with --to. Clients that installed the newer packages keep them until they run 'dnf distro-sync'.
        """;

    public static Command Create()
    {
        Argument<string> name = new("name") { Description = "The repository of the settings." };
        Option<long?> to = new("--to") { HelpName = "revision", Description = "The revision to go to (default: the one before the served one); 'repo list' shows them." };
        var options = new LifeOptions();
        return options.AddTo(
                new Verb("rollback", Summary, "dotnet release repo rollback qa --target fedora-43 --dry-run", "dotnet release repo rollback qa --to 1763596800") { name, to },
                isConfirmed: true)
            .Does((parsed, session, ct) => options.RunAsync(
                parsed, session, run => run.PlanRollbackAsync(options.Choice(parsed, parsed.GetRequiredValue(name)) with { IsDeliberate = true }, parsed.GetValue(to), ct), ct));
    }
}
