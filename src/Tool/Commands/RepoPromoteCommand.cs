using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo promote</c>: the same bytes from one repository into the next.</summary>
internal static class RepoPromoteCommand
{
    private const string Summary = """
        Promote packages from one repository to another, with the same bytes.

        Without --package: the newest version of everything that FROM serves. Digests are compared before and after, signatures are checked by the keys
        that clients of TO have, and nothing is replaced or downgraded. A hotfix of one package on one target: --package NAME --target TARGET.
        """;

    public static Command Create()
    {
        Argument<string> from = new("from") { Description = "The repository whose packages are taken." };
        Argument<string> to = new("to") { Description = "The repository that gets them." };
        Option<string[]> packages = new("--package") { HelpName = "package", Description = "Only this one: NAME (its newest version), NAME-VERSION-RELEASE, or with .ARCH; repeatable." };
        var options = new LifeOptions();
        return options.AddTo(
                new Verb(
                    "promote",
                    Summary,
                    "dotnet release repo promote qa prod --dry-run",
                    "dotnet release repo promote qa prod --plan 3f2a9c0b1d4e5f60",
                    "dotnet release repo promote qa prod --package dangerzone-0.8.1-2.fc41 --target fedora-41")
                {
                    from, to, packages, options.Maintainers,
                },
                isConfirmed: true)
            .Does((parsed, session, ct) => options.RunAsync(
                parsed,
                session,
                run => run.PlanPromotionAsync(parsed.GetRequiredValue(from), options.Choice(parsed, parsed.GetRequiredValue(to)), [.. parsed.GetValue(packages) ?? []], ct),
                ct));
    }
}
