using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo withdraw</c>: takes a version away.</summary>
internal static class RepoWithdrawCommand
{
    private const string Summary = """
        Take versions of packages out of the metadata.

        No client can install them any more; older versions work as before. The files stay until 'repo prune' deletes them, at least 48 hours. What was
        withdrawn is not published again by accident: publish a raised Release.
        """;

    public static Command Create()
    {
        Argument<string> name = new("name") { Description = "The repository of the settings." };
        Argument<string[]> packages = new("package") { Description = "NAME-VERSION-RELEASE (every architecture and the source), or with .ARCH; repeatable.", Arity = ArgumentArity.OneOrMore };
        var options = new LifeOptions();
        return options.AddTo(
                new Verb("withdraw", Summary, "dotnet release repo withdraw prod dangerzone-0.8.1-1.fc41 --target fedora-41 --dry-run") { name, packages },
                isConfirmed: true)
            .Does((parsed, session, ct) => options.RunAsync(
                parsed,
                session,
                run => run.PlanWithdrawalAsync(options.Choice(parsed, parsed.GetRequiredValue(name)) with { IsDeliberate = true }, [.. parsed.GetRequiredValue(packages)], ct),
                ct));
    }
}
