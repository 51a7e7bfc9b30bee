using System.CommandLine;
using DotnetRelease.GitHub;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>upload-asset</c>: adds files to a release that is there, draft or not.</summary>
internal static class UploadAssetCommand
{
    private const string Summary = """
        Add files to a release on GitHub that is there already.

        The short form of 'github upload': no draft is made, no checksums are written, nothing is published. The release is the one of --tag, draft
        or public, else the newest draft. A file that is there with the same bytes is left alone; with others it is a conflict, unless --replace.
        """;

    public static Command Create()
    {
        Argument<string[]> files = new("file") { Description = "A file to upload; repeatable.", Arity = ArgumentArity.OneOrMore };
        Option<string> tag = new("--tag") { HelpName = "tag", Description = "The release's tag (default: the newest draft)." };
        var tokenFile = GitHubCommand.TokenFile();
        Option<bool> replace = new("--replace") { Description = "Replace assets that have other bytes." };
        var dryRun = CommonOptions.DryRun();

        return new Verb("upload-asset", Summary, "dotnet release upload-asset dist/dangerzone-1.2.0.msi --tag v1.2.0", "dotnet release upload-asset *.dmg --token-file token")
        {
            files, tag, tokenFile, replace, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            var run = new GitHubRun(workspace, new GitHubContext(session.Reporter, TimeProvider.System));
            var options = new GitHubOptions
            {
                Tag = parsed.GetValue(tag),
                Files = [.. parsed.GetRequiredValue(files).Select(session.Resolve)],
                TokenFile = parsed.GetValue(tokenFile) is { } file ? session.Resolve(file) : null,
                Replace = parsed.GetValue(replace),
            };
            if (parsed.GetValue(dryRun))
            {
                var place = run.Place();
                GitHubOutput.ShowActions(
                    session,
                    [
                        $"GET {place.Api}repos/{place.Repository}/releases (all pages) for {(options.Tag is null ? "the newest draft" : $"the release of {options.Tag}")}",
                        .. (await run.ReadFilesAsync(options, null, ct)).Select(each => $"upload {each.Name} {each.Size} bytes {each.Digest}, when it is missing"),
                    ]);
                return ExitCode.Success;
            }

            await EventOrigin.RequireTrustedAsync("upload-asset", session.Folder, ct);
            var token = await run.Tokens(options).RequireAsync(ct);
            var assets = await run.ReadFilesAsync(options, token, ct);
            using var github = await run.ConnectAsync(token, ct);
            using (session.Reporter.Stage("upload"))
            {
                var (release, receipt) = await github.AddAsync(options.Tag, assets, options.Replace, ct);
                GitHubOutput.Show(session, release, receipt);
            }

            return ExitCode.Success;
        });
    }
}
