using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo init</c>: repositories that clients can set up before the first package is there.</summary>
internal static class RepoInitCommand
{
    private const string Summary = """
        Create the repository of each target: .repo file, public key, signed metadata without packages.

        A repository that is there stays as it is. Do this when a new distro is announced: its users then find a repository and not a 404.
        """;

    public static Command Create()
    {
        Option<string> to = new("--to") { HelpName = "name", Description = "The repository of the settings (default: the only one that is not promoted to)." };
        var options = new LifeOptions();
        return options.AddTo(new Verb("init", Summary, "dotnet release repo init --to qa", "dotnet release repo init --to qa --target fedora-45 --dry-run") { to }, isConfirmed: false)
            .Does((parsed, session, ct) => options.RunAsync(parsed, session, run => run.PlanInitAsync(options.Choice(parsed, parsed.GetValue(to)), ct), ct));
    }
}
