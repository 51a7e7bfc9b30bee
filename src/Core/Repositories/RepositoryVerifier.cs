using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>
/// Checks a repository folder as a careful client would: the signature, every metadata file, and every package that it names, byte
/// for byte and by signature.
/// </summary>
public static class RepositoryVerifier
{
    /// <summary>Whether a path is a repository, and not a package or a folder of packages.</summary>
    public static bool IsRepository(string path) => Directory.Exists(Path.Combine(path, Repomd.Folder));

    /// <summary>Checks a folder. What is wrong becomes a problem of the report, never an exception.</summary>
    /// <param name="root">The folder that holds <c>repodata/</c>.</param>
    /// <param name="trusted">The certificates a client would have.</param>
    /// <param name="ct">Ends the check.</param>
    public static async Task<RepositoryReport> VerifyAsync(string root, RpmVerifier trusted, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(trusted);
        var repomd = Path.Combine(root, Repomd.Folder, Repomd.FileName);
        await using var store = new FolderStore(root);
        try
        {
            if (await PublishedMetadata.ReadStrictlyAsync(store, ct) is not { } metadata)
            {
                return Only(root, new RepositoryItem(repomd) { Problems = [new(Fault.RepositoryMalformed, $"'{repomd}' is missing: the folder is no repository.")] });
            }

            var files = ServedFiles.Of(store, await store.ListAsync("", ct));
            var signed = await SignatureAsync(files, metadata, trusted, ct);
            return new RepositoryReport(root, [signed, .. await PackagesAsync(files, metadata, trusted, ct)])
            {
                Revision = metadata.Repomd.Revision,
                Orphans = files.Orphans(metadata.Packages.Select(package => package.File)),
            };
        }
        catch (ReleaseException ex)
        {
            return Only(root, new RepositoryItem(repomd) { Problems = [RepositoryProblem.Of(ex)] });
        }
    }

    private static RepositoryReport Only(string root, RepositoryItem item) => new(root, [item]);

    private static async Task<RepositoryItem> SignatureAsync(ServedFiles files, PublishedMetadata metadata, RpmVerifier trusted, CancellationToken ct)
    {
        var item = new RepositoryItem(files.Reader.At(SignedRepomd.Location));
        try
        {
            item = item with { Signer = (await ServedRepository.VerifyAsync(files.Reader, metadata, trusted, ct)).Signer };
        }
        catch (ReleaseException ex)
        {
            item = item with { Problems = [RepositoryProblem.Of(ex)] };
        }

        var missing = metadata.Repomd.Entries.Select(entry => files.Missing(entry.File)).OfType<string>();
        return item with { Problems = [.. item.Problems, .. missing.Select(text => new RepositoryProblem(Fault.RepositoryUnverified, text))] };
    }

    private static async Task<IEnumerable<RepositoryItem>> PackagesAsync(ServedFiles files, PublishedMetadata metadata, RpmVerifier trusted, CancellationToken ct)
    {
        var missing = metadata.Packages.ToDictionary(package => package, package => files.Missing(package.File));
        ImmutableArray<IndexedPackage> there = [.. metadata.Packages.Where(package => missing[package] is null)];
        var verified = await trusted.VerifyAsync([.. there.Select(package => files.Reader.At(package.File.Location))], ct);
        var items = there.Zip(verified, Judge)
            .Concat(missing.Where(pair => pair.Value is not null).Select(pair => Item(files, pair.Key) with
            {
                Problems = [new(Fault.RepositoryUnverified, pair.Value!)],
            }));
        return items.OrderBy(item => item.Path, StringComparer.Ordinal);
    }

    private static RepositoryItem Judge(IndexedPackage promised, RpmVerification found)
    {
        List<RepositoryProblem> problems = [];
        if (found.Verdict.Fault is { } fault)
        {
            problems.Add(new RepositoryProblem(fault, $"'{found.Path}' {found.Verdict.Text}."));
        }

        if (found.File is { } file && file.Sha256 != promised.File.Digest)
        {
            problems.Add(Unlike(found.Path, $"has sha256 {file.Sha256.Hex}, and the metadata promises {promised.File.Digest.Hex}"));
        }

        if (found.Nevra is { } nevra && nevra != promised.Nevra)
        {
            problems.Add(Unlike(found.Path, $"is {nevra}, and the metadata calls it {promised.Nevra}"));
        }

        return new RepositoryItem(found.Path) { Nevra = promised.Nevra, Signer = found.Verdict.Signature?.PrimaryFingerprint, Problems = [.. problems] };
    }

    private static RepositoryProblem Unlike(string path, string why) => new(Fault.RepositoryUnverified, $"'{path}' {why}.");

    private static RepositoryItem Item(ServedFiles files, IndexedPackage package) => new(files.Reader.At(package.File.Location)) { Nevra = package.Nevra };
}
