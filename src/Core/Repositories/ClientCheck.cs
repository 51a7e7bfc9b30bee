using System.Collections.Immutable;
using DotnetRelease.Http;

namespace DotnetRelease.Repositories;

/// <summary>
/// What a client is told before it reads any metadata: the <c>.repo</c> file, and the keys behind every address that it names or once
/// named. A key that moved breaks clients that were set up years ago.
/// </summary>
/// <param name="reader">The repository.</param>
/// <param name="request">What is expected of it.</param>
internal sealed class ClientCheck(IRepositoryReader reader, VerifyRequest request)
{
    private const int KeyLimit = 4 * 1024 * 1024;

    /// <summary>One item for the <c>.repo</c> file and one for each key.</summary>
    /// <param name="id">Which repository it is.</param>
    /// <param name="signer">Fingerprint of the certificate that signed the metadata; null when nobody did.</param>
    /// <param name="ct">Ends it.</param>
    internal async Task<ImmutableArray<RepositoryItem>> CheckAsync(string id, string? signer, CancellationToken ct)
    {
        var item = new RepositoryItem(reader.At($"{id}.repo"));
        RepoSection? section;
        try
        {
            var bytes = await reader.ReadAsync($"{id}.repo", RepoFile.Limit, ct)
                ?? throw new ReleaseException(Fault.RepositoryUnverified, $"'{item.Path}' is missing: nobody can set up this repository.");
            section = RepoFile.Parse(bytes, item.Path).Find(id)
                ?? throw new ReleaseException(Fault.RepositoryUnverified, $"'{item.Path}' has no section [{id}].");
        }
        catch (ReleaseException ex)
        {
            return [item with { Problems = [RepositoryProblem.Of(ex)] }];
        }

        var items = ImmutableArray.CreateBuilder<RepositoryItem>();
        items.Add(item with { Note = "demands both signatures", Problems = [.. Problems(item.Path, section).Select(text => new RepositoryProblem(Fault.RepositoryUnverified, text))] });
        ImmutableHashSet<string>? first = null;
        foreach (var address in section.List("gpgkey").Concat(request.KeyUrls.Select(url => url.AbsoluteUri)).Distinct(StringComparer.Ordinal))
        {
            var (key, holds) = await KeyAsync((address, RootOf(section)), signer, first, ct);
            items.Add(key);
            first ??= holds;
        }

        return items.ToImmutable();
    }

    private IEnumerable<string> Problems(string path, RepoSection section)
    {
        var baseUrls = section.List("baseurl");
        if (request.BaseUrl is { } expected && !baseUrls.Any(url => string.Equals(url.TrimEnd('/'), expected.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal)))
        {
            yield return $"'{path}' sends clients to {(baseUrls.IsEmpty ? "no baseurl" : string.Join(" and ", baseUrls))}, and the repository is at {expected.AbsoluteUri}.";
        }

        foreach (var demand in (string[])["gpgcheck", "repo_gpgcheck"])
        {
            if (!section.IsOn(demand))
            {
                yield return $"'{path}' says {demand}={section[demand] ?? "nothing"}: clients would take {(demand is "gpgcheck" ? "packages" : "metadata")} that nobody signed.";
            }
        }

        if (section.List("gpgkey").IsEmpty)
        {
            yield return $"'{path}' names no gpgkey: clients have no key to check with.";
        }
    }

    /// <summary>Checks one address of a key, and says which certificates are behind it.</summary>
    private async Task<(RepositoryItem Item, ImmutableHashSet<string>? Holds)> KeyAsync((string Address, Uri? Root) place, string? signer, ImmutableHashSet<string>? first, CancellationToken ct)
    {
        var address = place.Address;
        var item = new RepositoryItem(address);
        try
        {
            if (await FetchAsync(address, place.Root, ct) is not { } bytes)
            {
                return (item with { Note = "was not looked at: it is not in this folder" }, null);
            }

            await using var opened = await RepositoryKeyFile.OpenAsync(bytes, ct);
            ImmutableHashSet<string> holds = [.. opened.Certificates.Select(certificate => certificate.Fingerprint)];
            var said = string.Join(" and ", holds.Order(StringComparer.Ordinal));
            if (signer is not null && !holds.Contains(signer))
            {
                throw new ReleaseException(Fault.RepositoryUnverified, $"'{address}' holds {said}, and the metadata is signed by {signer}.");
            }

            return first is null || holds.SetEquals(first)
                ? (item with { Note = $"holds {said}" }, holds)
                : throw new ReleaseException(Fault.RepositoryUnverified, $"'{address}' holds {said}, and the key file of the repository {string.Join(" and ", first.Order(StringComparer.Ordinal))}.");
        }
        catch (ReleaseException ex)
        {
            return (item with { Problems = [RepositoryProblem.Of(ex)] }, null);
        }
    }

    /// <summary>What clients call the place that we read; of a folder that nobody named otherwise, the folder of a client that its .repo file speaks of.</summary>
    private Uri? RootOf(RepoSection section) => request.BaseUrl
        ?? (section.List("baseurl") is [var only] && Uri.TryCreate(only.TrimEnd('/') + "/", UriKind.Absolute, out var url) && url.IsFile ? url : null);

    /// <summary>Null for an address that cannot be reached from where we read: whoever checks a folder asks no server.</summary>
    private async Task<byte[]?> FetchAsync(string address, Uri? root, CancellationToken ct)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url))
        {
            throw new ReleaseException(Fault.RepositoryUnverified, $"'{address}', which should lead to a key, is no URL.");
        }

        // The key file beside the packages, whatever name clients have for the place.
        if (root is not null && root.IsBaseOf(url) && root.MakeRelativeUri(url).OriginalString is var location && Metadata.RepositoryPath.IsSafe(location))
        {
            return await reader.ReadAsync(location, KeyLimit, ct) ?? throw Missing(address);
        }

        if (url.IsFile)
        {
            await using var folder = new FolderStore(Path.GetDirectoryName(url.LocalPath)!);
            return await folder.ReadAsync(Path.GetFileName(url.LocalPath), KeyLimit, ct) ?? throw Missing(address);
        }

        if (request.Door is not { } door)
        {
            return null;
        }

        var answer = await door.ReadAsync(new HttpAsk(url) { AllowPlain = url.Scheme == Uri.UriSchemeHttp, MaxBytes = KeyLimit, PastCaches = true }, ct);
        answer.RequireOk();
        return answer.Bytes.ToArray();
    }

    private static ReleaseException Missing(string address) => new(Fault.RepositoryUnverified, $"'{address}', the key that clients fetch, is missing.");
}
