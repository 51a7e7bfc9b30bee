using System.CommandLine;
using DotnetRelease.GitHub;
using DotnetRelease.Processes;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>github upload</c>: a draft, filled, compared, and published last.</summary>
internal static class GitHubUploadCommand
{
    private const string Summary = """
        Upload files to a release on GitHub.

        Every file is checked and hashed first; checksums.txt and its signature are written to dist/ and verified. One draft for the tag is made or
        found again, what is missing is uploaded, and every asset is compared by name, size and digest. With --publish (or github.draft = false)
        it becomes public last, and everything is downloaded again without a token and compared. Run it again after any failure.
        """;

    public static System.CommandLine.Command Create()
    {
        Argument<string[]> files = new("file") { Description = "A file to upload; repeatable (default: what github.assets finds).", Arity = ArgumentArity.ZeroOrMore };
        var tag = GitHubCommand.Tag();
        var tokenFile = GitHubCommand.TokenFile();
        Option<bool> replace = new("--replace") { Description = "Replace assets that have other bytes." };
        Option<bool> publish = new("--publish") { Description = "Make the release public when it is complete." };
        Option<string> notes = new("--notes") { HelpName = "source", Description = "changelog, pulls, or the path of a template (default: github.notes, else the changelog)." };
        var secret = new KeyOptions();
        var dryRun = CommonOptions.DryRun();

        return new Verb(
            "upload",
            Summary,
            "dotnet release github upload --tag v1.2.0 --dry-run",
            "dotnet release github upload --tag v1.2.0 --publish",
            "dotnet release github upload dist/dangerzone.tar.gz --tag v1.2.0 --token-file ~/.config/github-token")
        {
            files, tag, tokenFile, replace, publish, notes, secret.File, secret.Descriptor, secret.Passphrase, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var isDry = parsed.GetValue(dryRun);
            using var access = isDry ? KeyAccess.OfUser : secret.Read(parsed, session);
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            var options = new GitHubOptions
            {
                Tag = parsed.GetValue(tag),
                Files = [.. (parsed.GetValue(files) ?? []).Select(session.Resolve)],
                TokenFile = parsed.GetValue(tokenFile) is { } file ? session.Resolve(file) : null,
                Replace = parsed.GetValue(replace),
                Notes = parsed.GetValue(notes),
            };
            if (!isDry)
            {
                await EventOrigin.RequireTrustedAsync("github upload", session.Folder, ct);
            }

            await using var home = await access.OpenAsync(ct);
            var run = new GitHubRun(workspace, new GitHubContext(session.Reporter, TimeProvider.System)) { Gpg = home.Gpg };
            var isPublic = parsed.GetValue(publish) || !workspace.Settings.GitHub.Draft;
            if (isDry)
            {
                GitHubOutput.ShowActions(session, run.Preview(await run.PlanAsync(options, null, ct), isPublic));
                return ExitCode.Success;
            }

            var result = await new GitHubUpload(workspace, run, session.Reporter).RunAsync(options, isPublic, ct);
            GitHubOutput.Show(session, result);
            return ExitCode.Success;
        });
    }
}
