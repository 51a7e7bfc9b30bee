using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo prune</c>: retention.</summary>
internal static class RepoPruneCommand
{
    private const string Summary = """
        Keep the newest versions of each package, and delete what was taken away before.

        Older versions leave the metadata now. Their files, and those of withdrawn and rolled back packages, are deleted by a later run, at the earliest
        48 hours after they left: a client may have read the old metadata. One cannot roll back to a revision whose packages were deleted.
        """;

    public static Command Create()
    {
        Argument<string> name = new("name") { Description = "The repository of the settings." };
        Option<int> keep = new("--keep") { HelpName = "n", Description = "How many versions of each name and architecture stay.", Required = true };
        keep.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--keep has to be at least 1.");
            }
        });
        var options = new LifeOptions();
        return options.AddTo(new Verb("prune", Summary, "dotnet release repo prune prod --keep 3 --dry-run") { name, keep }, isConfirmed: true)
            .Does((parsed, session, ct) => options.RunAsync(
                parsed, session, run => run.PlanPruningAsync(options.Choice(parsed, parsed.GetRequiredValue(name)), parsed.GetRequiredValue(keep), ct), ct));
    }
}
