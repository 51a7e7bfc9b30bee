using System.CommandLine;
using DotnetRelease.GitHub;
using DotnetRelease.Processes;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>github verify</c>: downloads a release again and compares every byte.</summary>
internal static class GitHubVerifyCommand
{
    private const string Summary = """
        Download a release and compare it with its signed checksums.

        Without a token, as anybody gets it: the signature of checksums.txt by the expected key, then every asset. An asset that is not in the
        checksums is refused too. A draft, or a private repository, is looked at with a token when there is one, and the result says so.
        """;

    public static System.CommandLine.Command Create()
    {
        var tag = GitHubCommand.Tag();
        var tokenFile = GitHubCommand.TokenFile();
        Option<string> key = new("--key") { HelpName = "file", Description = "File with the public key that has to have signed (default: signing.key, from the keyring)." };

        return new Verb("verify", Summary, "dotnet release github verify --tag v1.2.0", "dotnet release github verify --tag v1.2.0 --key project.asc --json") { tag, key, tokenFile }
            .Does(async (parsed, session, ct) =>
            {
                var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
                var run = new GitHubRun(workspace, new GitHubContext(session.Reporter, TimeProvider.System));
                var options = new GitHubOptions { TokenFile = parsed.GetValue(tokenFile) is { } file ? session.Resolve(file) : null };
                // Whoever names the tag needs no clone.
                var name = parsed.GetValue(tag) ?? (await ReleaseTag.FindAsync(workspace, null, ct)).Name;
                var certificate = await CertificateAsync(session, workspace, parsed.GetValue(key), ct);
                var (report, isStranger) = await run.VerifyAsync(name, certificate, options, ct);
                return GitHubOutput.Show(session, report, isStranger);
            });
    }

    private static async Task<ReadOnlyMemory<byte>> CertificateAsync(Session session, Workspace workspace, string? file, CancellationToken ct)
    {
        if (file is not null)
        {
            try
            {
                return await File.ReadAllBytesAsync(session.Resolve(file), ct);
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
            {
                throw new ReleaseException(Fault.FileUnreadable, $"The key file '{file}' could not be read: {ex.Message}", inner: ex);
            }
        }

        return workspace.Settings.Signing is { } signing
            ? await new Gpg().ExportAsync(signing.Key, armor: false, ct)
            : throw new ReleaseException(Fault.Usage, "Nobody said whose signature is expected.") { Remedy = "Name a file with the public key: --key project.asc" };
    }
}
