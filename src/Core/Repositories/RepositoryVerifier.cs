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
        try
        {
            if (await PublishedMetadata.ReadAsync(root, ct) is not { } metadata)
            {
                return Only(root, new RepositoryItem(repomd) { Problems = [new(Fault.RepositoryMalformed, $"'{repomd}' is missing: the folder is no repository.")] });
            }

            var signed = await SignatureAsync(root, metadata, trusted, ct);
            return new RepositoryReport(root, [signed, .. await PackagesAsync(root, metadata, trusted, ct)])
            {
                Revision = metadata.Repomd.Revision,
                Orphans = ServedRepository.Orphans(root, metadata.Packages.Select(package => package.File)),
            };
        }
        catch (ReleaseException ex)
        {
            return Only(root, new RepositoryItem(repomd) { Problems = [RepositoryProblem.Of(ex)] });
        }
    }

    private static RepositoryReport Only(string root, RepositoryItem item) => new(root, [item]);

    private static async Task<RepositoryItem> SignatureAsync(string root, PublishedMetadata metadata, RpmVerifier trusted, CancellationToken ct)
    {
        var item = new RepositoryItem(Path.Combine(root, Repomd.Folder, Repomd.FileName));
        try
        {
            item = item with { Signer = await ServedRepository.VerifyAsync(root, metadata, trusted, ct) };
        }
        catch (ReleaseException ex)
        {
            item = item with { Problems = [RepositoryProblem.Of(ex)] };
        }

        var missing = metadata.Repomd.Entries.Select(entry => ServedRepository.Missing(root, entry.File)).OfType<string>();
        return item with { Problems = [.. item.Problems, .. missing.Select(text => new RepositoryProblem(Fault.RepositoryUnverified, text))] };
    }

    private static async Task<IEnumerable<RepositoryItem>> PackagesAsync(string root, PublishedMetadata metadata, RpmVerifier trusted, CancellationToken ct)
    {
        var missing = metadata.Packages.ToDictionary(package => package, package => ServedRepository.Missing(root, package.File));
        ImmutableArray<IndexedPackage> there = [.. metadata.Packages.Where(package => missing[package] is null)];
        var verified = await trusted.VerifyAsync([.. there.Select(package => Path.Combine(root, package.File.Location))], ct);
        var items = there.Zip(verified, Judge)
            .Concat(missing.Where(pair => pair.Value is not null).Select(pair => Item(root, pair.Key) with
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

    private static RepositoryItem Item(string root, IndexedPackage package) => new(Path.Combine(root, package.File.Location)) { Nevra = package.Nevra };
}
