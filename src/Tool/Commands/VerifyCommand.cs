using System.Collections.Immutable;
using System.CommandLine;
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
        names. Any other folder stands for all RPMs in it and below. A URL (https, s3, ssh, file) is a repository, read as a client reads it: packages by
        their size, or wholly with --deep; the base-url of a repository of the settings stands for all of its targets. Expected are the keys of --key,
        each one public key in a file of its own; without them the certificate of signing.key in the settings, taken from the keyring. Unsigned is never
        good, however fine the digests are.
        A statement of provenance beside an RPM, and its SBOM, have to be about this RPM; -v and --json tell what it was built from.
        """;

    public static System.CommandLine.Command Create()
    {
        Argument<string[]> paths = new("path|url") { Description = "An RPM, a folder with RPMs, or a repository; repeatable.", Arity = ArgumentArity.OneOrMore };
        var keys = ExpectedKeys.Option();
        var deep = RepoVerifyCommand.Deep();

        return new Verb(
            "verify",
            Summary,
            "dotnet release verify dist/rpm --key project.asc",
            "dotnet release verify package.rpm --key project.asc --json",
            "dotnet release verify /srv/repo/fedora-43 --key project.asc",
            "dotnet release verify https://packages.example.org/fedora-43 --key project.asc --deep")
        {
            paths, keys, deep,
        }
        .Does(async (parsed, session, ct) =>
        {
            var named = parsed.GetRequiredValue(paths).ToLookup(RepositoryUrl.Is);
            var resolved = named[false].Select(session.Resolve).ToLookup(RepositoryVerifier.IsRepository);
            ImmutableArray<string> files = [.. resolved[false].SelectMany(RpmsAt)];
            await using var verifier = await ExpectedKeys.OpenAsync(session, parsed.GetValue(keys) ?? [], ct);
            List<VerifiedItem> items = [];
            foreach (var found in await verifier.VerifyAsync(files, ct))
            {
                items.Add(await WithStatementAsync(VerifiedItem.Of(found), found.File, ct));
            }

            foreach (var repository in resolved[true])
            {
                items.AddRange(VerifyOutput.Items(session, await RepositoryVerifier.VerifyAsync(repository, verifier, ct)));
            }

            foreach (var url in named[true])
            {
                items.AddRange(await new RepositoryUrl(session, verifier) { Deep = parsed.GetValue(deep) }.VerifyAsync(url, ct));
            }

            return VerifyOutput.Show(session, items);
        });
    }

    private static async Task<VerifiedItem> WithStatementAsync(VerifiedItem item, RpmFile? file, CancellationToken ct)
    {
        try
        {
            return file is null ? item : item with { Statement = await StatementCheck.ReadAsync(file, ct) };
        }
        catch (ReleaseException ex)
        {
            return item with { Problems = [.. item.Problems, new RepositoryProblem(ex.Fault, ex.Message)], Sentence = item.IsGood ? ex.Message : $"{item.Sentence} {ex.Message}" };
        }
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
}
