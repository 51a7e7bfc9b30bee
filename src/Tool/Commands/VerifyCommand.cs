using System.Collections.Immutable;
using System.CommandLine;
using DotnetRelease.Processes;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>verify</c>: checks RPMs and repositories as a client with strict settings would.</summary>
internal static class VerifyCommand
{
    private const string Summary = """
        Check RPMs and repositories: every digest, and a signature by an expected key.

        A folder that holds repodata/ is checked as a dnf repository: the signature of repomd.xml, every metadata file, and each package that it
        names. Any other folder stands for all RPMs in it and below. Expected are the keys of --key, each one public key in a file of its own;
        without them the certificate of signing.key in the settings, taken from the keyring. Unsigned is never good, however fine the digests are.
        """;

    public static System.CommandLine.Command Create()
    {
        Argument<string[]> paths = new("path") { Description = "An RPM, a folder with RPMs, or a repository; repeatable.", Arity = ArgumentArity.OneOrMore };
        Option<string[]> keys = new("--key") { HelpName = "file", Description = "File with the public key that has to have signed; repeatable for a change of keys." };

        return new Verb(
            "verify",
            Summary,
            "dotnet release verify dist/rpm --key project.asc",
            "dotnet release verify package.rpm --key project.asc --json",
            "dotnet release verify /srv/repo/fedora-43 --key project.asc")
        {
            paths, keys,
        }
        .Does(async (parsed, session, ct) =>
        {
            var resolved = parsed.GetRequiredValue(paths).Select(session.Resolve).ToLookup(RepositoryVerifier.IsRepository);
            ImmutableArray<string> files = [.. resolved[false].SelectMany(RpmsAt)];
            await using var verifier = await RpmVerifier.OpenAsync(await CertificatesAsync(session, parsed.GetValue(keys) ?? [], ct), ct);
            foreach (var leftover in verifier.RemovedLeftovers)
            {
                session.Reporter.Info($"Removed '{leftover}', a keyring that a killed run left behind.");
            }

            List<VerifiedItem> items = [.. (await verifier.VerifyAsync(files, ct)).Select(VerifiedItem.Of)];
            foreach (var repository in resolved[true])
            {
                items.AddRange(await RepositoryAsync(session, repository, verifier, ct));
            }

            return VerifyOutput.Show(session, items);
        });
    }

    private static async Task<IEnumerable<VerifiedItem>> RepositoryAsync(Session session, string path, RpmVerifier verifier, CancellationToken ct)
    {
        var report = await RepositoryVerifier.VerifyAsync(path, verifier, ct);
        foreach (var orphan in report.Orphans)
        {
            session.Reporter.Warning($"'{Path.Combine(path, orphan)}' is not named by the metadata; no client sees it.");
        }

        return report.Items.Select(VerifiedItem.Of);
    }

    private static IEnumerable<string> RpmsAt(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        try
        {
            string[] found = [.. Directory.EnumerateFiles(path, "*.rpm", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            return found.Length > 0 ? found : throw new ReleaseException(Fault.FileUnreadable, $"There is no RPM in '{path}' or below it.");
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be listed: {ex.Message}", inner: ex);
        }
    }

    private static async Task<ImmutableArray<ReadOnlyMemory<byte>>> CertificatesAsync(Session session, string[] keys, CancellationToken ct)
    {
        if (keys.Length > 0)
        {
            return [.. keys.Select(key => (ReadOnlyMemory<byte>)ReadKey(session.Resolve(key)))];
        }

        return (await Workspace.TryOpenAsync(session.Folder, session.Config, ct))?.Settings.Signing is { } signing
            ? [await new Gpg().ExportAsync(signing.Key, armor: false, ct)]
            : throw new ReleaseException(Fault.Usage, "Nobody said whose signature is expected.") { Remedy = "Name a file with the public key: --key project.asc" };
    }

    private static byte[] ReadKey(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"The key file '{path}' could not be read: {ex.Message}", inner: ex);
        }
    }
}
