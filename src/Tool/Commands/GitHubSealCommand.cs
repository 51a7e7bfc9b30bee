using System.Collections.Immutable;
using System.CommandLine;
using DotnetRelease.GitHub;
using DotnetRelease.Processes;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>github seal</c>: the part of a release that needs the key and no network.</summary>
internal static class GitHubSealCommand
{
    /// <summary>What verifies the signature, for a machine that has no keyring.</summary>
    private const string PublicKey = "dist/signing-key.gpg";

    private const string Summary = """
        Write and sign the checksums of a release, without a network or a token.

        Every file is checked and hashed; checksums.txt and its signature are written to dist/ and verified, with the public key beside them
        (signing-key.gpg). 'github upload' takes them as they are, on a machine that has a token and no key. What is there and still right stays
        byte-identical.
        """;

    public static System.CommandLine.Command Create()
    {
        Argument<string[]> files = new("file") { Description = "A file to release; repeatable (default: what github.assets finds).", Arity = ArgumentArity.ZeroOrMore };
        var tag = GitHubCommand.Tag();
        var secret = new KeyOptions();
        var dryRun = CommonOptions.DryRun();

        return new Verb("seal", Summary, "dotnet release github seal --tag v1.2.0", "dotnet release github seal --tag v1.2.0 --key-fd 3 3<key.asc --json")
        {
            files, tag, secret.File, secret.Descriptor, secret.Passphrase, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var isDry = parsed.GetValue(dryRun);
            using var access = isDry ? KeyAccess.OfUser : secret.Read(parsed, session);
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            var options = new GitHubOptions { Tag = parsed.GetValue(tag), Files = [.. (parsed.GetValue(files) ?? []).Select(session.Resolve)] };
            if (!isDry)
            {
                await EventOrigin.RequireTrustedAsync("github seal", session.Folder, ct);
            }

            await using var home = await access.OpenAsync(ct);
            var run = new GitHubRun(workspace, new GitHubContext(session.Reporter, TimeProvider.System)) { Gpg = home.Gpg };
            var plan = await run.PlanAsync(options, null, ct);
            if (isDry)
            {
                Show(session, plan.Files);
                return ExitCode.Success;
            }

            var release = await run.SealAsync(plan, ct);
            if (release.Signature is { } signature)
            {
                await Durable.WriteAsync(workspace.Resolve(PublicKey), signature.Certificate, ct);
            }

            Show(session, release.Files);
            return ExitCode.Success;
        });
    }

    private static void Show(Session session, ImmutableArray<AssetFile> files)
    {
        if (!session.Json)
        {
            foreach (var file in files)
            {
                session.Output.WriteLine($"{file.Digest.Hex}  {file.Name}");
            }

            return;
        }

        session.WriteJson(json =>
        {
            json.WriteItems("assets", files, file =>
            {
                json.WriteString("name", file.Name);
                json.WriteNumber("size", file.Size);
                json.WriteString("sha256", file.Digest.Hex);
            });
        });
    }
}
