using System.Collections.Immutable;
using System.CommandLine;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>sign</c>: signs RPMs in place; what is well signed stays byte-identical.</summary>
internal static class SignCommand
{
    private const string Summary = """
        Sign RPMs.

        A private copy of each file gets the signature and is checked in a throw-away keyring; only then it takes the file's name. All files
        are signed, or none is changed. A file that this key has already signed well keeps every byte. The key stays with gpg and its agent.
        """;

    public static System.CommandLine.Command Create()
    {
        Argument<string[]> files = new("file") { Description = "An RPM; repeatable.", Arity = ArgumentArity.OneOrMore };
        Option<string> key = new("--key") { HelpName = "fpr", Description = "Full fingerprint of the key, with a closing ! for exactly that (sub)key (default: signing.key of the settings)." };
        var secret = new KeyOptions();
        var dryRun = CommonOptions.DryRun();

        return new Verb(
            "sign",
            Summary,
            "dotnet release sign dist/rpm/fedora-43/*.rpm",
            "dotnet release sign --key DE28AB241FA48260FAC9B8BAA7C9B38522604281! package.rpm",
            "dotnet release sign package.rpm --key-file ci-key.asc --passphrase-fd 3 3<passphrase")
        {
            files, key, secret.File, secret.Descriptor, secret.Passphrase, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var isDry = parsed.GetValue(dryRun);
            using var access = isDry ? KeyAccess.OfUser : secret.Read(parsed, session);
            ImmutableArray<string> paths = [.. parsed.GetRequiredValue(files).Select(session.Resolve)];
            var signing = (await Workspace.TryOpenAsync(session.Folder, session.Config, ct))?.Settings.Signing;
            var name = parsed.GetValue(key) ?? signing?.Key ?? throw NoKey();
            signing?.RefuseUnknownToClients(name);
            if (isDry)
            {
                Preview(session, name, await RpmSigner.PreviewAsync(new Gpg(), name, paths, ct));
                return ExitCode.Success;
            }

            await EventOrigin.RequireTrustedAsync("sign", session.Folder, ct);
            await using var home = await access.OpenAsync(ct);
            await using var signer = await RpmSigner.OpenAsync(home.Gpg, name, ct);
            try
            {
                using var stage = session.Reporter.Stage("sign");
                Show(session, signer.Key, await signer.SignAsync(paths, ct));
            }
            finally
            {
                Announce(session.Reporter, signer, home);
            }

            return ExitCode.Success;
        });
    }

    private static ReleaseException NoKey() => new(Fault.KeyNameMalformed, "No key is named: neither --key nor signing.key in release.toml.")
    {
        Remedy = "See the fingerprints: gpg --list-secret-keys",
    };

    private static void Announce(IReporter reporter, RpmSigner signer, SigningHome home)
    {
        foreach (var leftover in home.Removed.Concat(signer.RemovedLeftovers))
        {
            reporter.Info($"Removed '{leftover}', which a killed run left behind.");
        }

        if (signer.Key.Warning is { } warning)
        {
            reporter.Warning($"{warning}.");
        }
    }

    private static void Preview(Session session, string key, ImmutableArray<RpmVerification> files)
    {
        if (session.Json)
        {
            session.WriteJson(json => RpmJson.WriteFiles(json, key, files.Select(file => (file.File!, file.Verdict.Signature, file.Verdict.IsGood ? "unchanged" : "would-sign"))));
            return;
        }

        foreach (var file in files)
        {
            session.Output.WriteLine(file.Verdict.IsGood ? $"would leave {file.Path}: {file.Verdict.Text}" : $"would sign {file.Path} with {key}");
        }
    }

    private static void Show(Session session, SigningKey key, ImmutableArray<SigningResult> results)
    {
        if (session.Json)
        {
            session.WriteJson(json => RpmJson.WriteFiles(json, key.Selector, results.Select(result => (result.Rpm.File, (RpmSignature?)result.Rpm.Signature, result.IsNew ? "signed" : "unchanged"))));
            return;
        }

        foreach (var (rpm, isNew) in results)
        {
            session.Output.WriteLine($"{(isNew ? "signed" : "already signed")} {rpm.File.Path} by {rpm.Signature.SigningFingerprint}");
        }
    }
}
