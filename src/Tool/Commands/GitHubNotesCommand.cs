using System.CommandLine;
using DotnetRelease.GitHub;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>github notes</c>: shows the notes that a release would get.</summary>
internal static class GitHubNotesCommand
{
    private const string Summary = """
        Show the release notes, without changing anything.

        They come from the section of the version in CHANGELOG.md, from the pull requests merged since the last release, or from a template with
        {tag}, {version}, {project}, {changelog} and {pulls}. Only pull requests need the network; for a public repository no token is needed.
        """;

    public static Command Create()
    {
        var tag = GitHubCommand.Tag();
        var tokenFile = GitHubCommand.TokenFile();
        Option<string> from = new("--from") { HelpName = "source", Description = "changelog, pulls, or the path of a template (default: github.notes, else the changelog)." };

        return new Verb("notes", Summary, "dotnet release github notes --tag v1.2.0", "dotnet release github notes --from pulls") { tag, from, tokenFile }
            .Does(async (parsed, session, ct) =>
            {
                var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
                var options = new GitHubOptions { Tag = parsed.GetValue(tag), TokenFile = parsed.GetValue(tokenFile) is { } file ? session.Resolve(file) : null };
                var run = new GitHubRun(workspace, new GitHubContext(session.Reporter, TimeProvider.System));
                GitHubSession? github = null;
                try
                {
                    var found = await ReleaseTag.FindAsync(workspace, options.Tag, ct);
                    var notes = await new NotesRun(workspace).WriteAsync(found, parsed.GetValue(from), ConnectAsync, ct);
                    Show(session, found, notes);
                }
                finally
                {
                    github?.Dispose();
                }

                return ExitCode.Success;

                async Task<GitHubSession> ConnectAsync() => github ??= await run.ConnectAsync(await run.Tokens(options).FindAsync(ct), ct);
            });
    }

    private static void Show(Session session, ReleaseTag tag, ReleaseNotes notes)
    {
        foreach (var source in notes.Sources)
        {
            session.Reporter.Info(source);
        }

        if (!session.Json)
        {
            session.Output.WriteLine(notes.Text);
            return;
        }

        session.WriteJson(json =>
        {
            json.WriteString("tag", tag.Name);
            json.WriteString("version", tag.Version);
            json.WriteString("commit", tag.Commit);
            json.WriteString("notes", notes.Text);
            json.WriteStrings("sources", notes.Sources);
        });
    }
}
