using System.CommandLine;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo unlock</c>: the way out when a run died and left its lock where no kernel takes it away.</summary>
internal static class RepoUnlockCommand
{
    private const string Summary = """
        Take the lock of a dead run away from a repository behind ssh or in S3.

        Whoever is refused because of a lock is told who holds it, since when, and its token. Make sure that this run is dead, then name the token: only
        exactly this lock is taken away, and never one whose process runs on this machine. A folder needs none of this.
        """;

    public static Command Create()
    {
        Argument<string> token = new("token") { Description = "The token of the lock, from the message." };
        var dryRun = CommonOptions.DryRun();

        return new Verb("unlock", Summary, "dotnet release repo unlock 0f8fad5bd9cb469fa165708673b8a4b2") { token, dryRun }
        .Does(async (parsed, session, ct) =>
        {
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            var isDry = parsed.GetValue(dryRun);
            if (!isDry)
            {
                await EventOrigin.RequireTrustedAsync("repo unlock", session.Folder, ct);
            }

            var places = await new UnlockRun(workspace).RunAsync(parsed.GetRequiredValue(token), isDry, ct);
            if (session.Json)
            {
                session.WriteJson(json => json.WriteStrings(isDry ? "asked" : "unlocked", places));
                return ExitCode.Success;
            }

            foreach (var place in places)
            {
                session.Output.WriteLine($"{(isDry ? "look for the lock in" : "unlocked")} {place}");
            }

            return ExitCode.Success;
        });
    }
}
