using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo refresh</c>: vouches for what is served.</summary>
internal static class RepoRefreshCommand
{
    private const string Summary = """
        Sign again that the served revision is the newest.

        Nothing that clients read changes. 'repo verify' warns when nobody did this for freeze-days, because then a server may hide newer revisions.
        """;

    public static Command Create()
    {
        Argument<string> name = new("name") { Description = "The repository of the settings." };
        var options = new LifeOptions();
        return options.AddTo(new Verb("refresh", Summary, "dotnet release repo refresh prod") { name }, isConfirmed: false)
            .Does((parsed, session, ct) => options.RunAsync(parsed, session, run => run.PlanRefreshAsync(options.Choice(parsed, parsed.GetRequiredValue(name)), ct), ct));
    }
}
