using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>
/// Checks a repository as a careful client would: the signature, every metadata file, and every package that it names; then what no
/// client can see, whether somebody serves it an old repository.
/// </summary>
public static class RepositoryVerifier
{
    /// <summary>Whether a path is a repository, and not a package or a folder of packages.</summary>
    public static bool IsRepository(string path) => Directory.Exists(Path.Combine(path, Repomd.Folder));

    /// <summary>Checks a folder, packages included. What is wrong becomes a problem of the report, never an exception.</summary>
    /// <param name="root">The folder that holds <c>repodata/</c>.</param>
    /// <param name="trusted">The certificates a client would have.</param>
    /// <param name="ct">Ends the check.</param>
    public static Task<RepositoryReport> VerifyAsync(string root, RpmVerifier trusted, CancellationToken ct) =>
        VerifyAsync(new FolderAddress(Path.GetFullPath(root)), new VerifyRequest(trusted), ct);

    /// <summary>Checks a repository where it is written: a folder, or a place behind a protocol.</summary>
    /// <inheritdoc cref="VerifyAsync(string, RpmVerifier, CancellationToken)"/>
    public static async Task<RepositoryReport> VerifyAsync(StoreAddress store, VerifyRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(store);
        await using var opened = store.Open();
        return await VerifyAsync(opened, request, ct);
    }

    /// <summary>Checks a repository where clients read it.</summary>
    /// <param name="url">What a client puts before a location: <c>https:</c>, <c>http:</c> or <c>file:</c>.</param>
    /// <param name="request">What is expected of it; it has to have a door.</param>
    /// <param name="ct">Ends the check.</param>
    public static async Task<RepositoryReport> VerifyAsync(Uri url, VerifyRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(request);
        if (url.IsFile)
        {
            return await VerifyAsync(new FolderAddress(url.LocalPath), request, ct);
        }

        await using var reader = new HttpRepository(request.Door ?? throw new ArgumentException("No door.", nameof(request)), url);
        return await VerifyAsync(reader, request with { BaseUrl = request.BaseUrl ?? new Uri(url.AbsoluteUri.TrimEnd('/') + "/") }, ct);
    }

    private static async Task<RepositoryReport> VerifyAsync(IRepositoryReader reader, VerifyRequest request, CancellationToken ct)
    {
        var repomd = new RepositoryItem(reader.At(SignedRepomd.Location));
        try
        {
            if (await PublishedMetadata.ReadStrictlyAsync(reader, ct) is not { } metadata)
            {
                return Only(reader, repomd with { Problems = [new(Fault.RepositoryMalformed, $"'{repomd.Path}' is missing: there is no repository.")] });
            }

            var files = await ServedFiles.LookAsync(reader, metadata, ct);
            var signed = await SignatureAsync(files, metadata, request.Trusted, ct);
            var life = await RecordCheck.RunAsync(reader, metadata, request, ct);
            var id = request.Id ?? life.Record?.Repository;
            return new RepositoryReport(
                reader.Name,
                [
                    Join(signed, life.Repomd),
                    .. life.Item is { } item ? (RepositoryItem[])[item] : [],
                    .. id is null ? [] : await new ClientCheck(reader, request).CheckAsync(id, signed.Signer, ct),
                    .. await new PackageCheck(files, request).CheckAsync(metadata.Packages, ct),
                ])
            {
                Revision = metadata.Repomd.Revision,
                Packages = metadata.Packages.Length,
                Warnings = life.Warnings,
                Orphans = files.Orphans(metadata.Packages.Select(package => package.File).Concat((life.Record?.Removed ?? []).Select(package => package.File))),
            };
        }
        catch (ReleaseException ex)
        {
            return Only(reader, repomd with { Problems = [RepositoryProblem.Of(ex)] });
        }
    }

    private static RepositoryReport Only(IRepositoryReader reader, RepositoryItem item) => new(reader.Name, [item]);

    private static RepositoryItem Join(RepositoryItem item, ImmutableArray<RepositoryProblem> more) => item with { Problems = [.. item.Problems, .. more] };

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
}
