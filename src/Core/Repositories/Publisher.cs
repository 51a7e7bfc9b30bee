using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Metadata;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>
/// Puts signed packages into a repository so that clients always see a whole repository, the old or the new, wherever the
/// run ends; a second run goes on from what is there. Nothing served is ever changed under its name.
/// </summary>
/// <param name="reporter">Hears what happens.</param>
/// <param name="clock">Ages superseded metadata; nothing that is served depends on it.</param>
public sealed class Publisher(IReporter reporter, TimeProvider clock)
{
    /// <summary>Publishes; packages that are there already with the same bytes are no error.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.LockHeld"/>, <see cref="Fault.PublishedOtherBytes"/>, <see cref="Fault.PublishedDowngrade"/>,
    /// <see cref="Fault.RpmSignerUnexpected"/>, <see cref="Fault.RepositoryUnverified"/>, <see cref="Fault.RepositoryMoved"/> and those of
    /// reading and writing. Clients then see what they saw before.
    /// </exception>
    public async Task<Receipt> PublishAsync(PublishRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var offered = await OfferedPackage.FromAsync(request.Packages, ct);

        await using var store = request.Place.Store.Open();
        await using var held = await store.LockAsync("publish", ct);
        FailPoint.At("publish.locked");

        var keyFile = await RepositoryKeyFile.MergeAsync(store, request.Place.KeyName, request.Key, ct);
        await using var trusted = await RepositoryKeyFile.OpenAsync(keyFile, ct);
        CheckSigners(offered, [.. trusted.Certificates.Select(certificate => certificate.Fingerprint)]);

        var served = await ServedRepository.ReadOrResumeAsync(store, trusted, ct);
        var plan = PublishPlan.Of(served?.Metadata.Packages ?? [], offered, request.AllowDowngrade);
        await AnnounceAsync(store, served, plan, ct);

        await AddPackagesAsync(store, plan, ct);
        await store.WriteAsync(request.Place.KeyName, keyFile, ct);
        await store.WriteAsync(request.Place.RepoName, Encoding.UTF8.GetBytes(request.Place.ToRepoFile(request.Project)), ct);
        FailPoint.At("publish.described");

        if (served is { IsTorn: false } && plan.Additions.IsEmpty)
        {
            return ToReceipt(request, served, plan) with { Changed = false };
        }

        var now = await ServeAsync(store, await ChangeAsync(request.Key, served, plan, ct), trusted, ct);
        FailPoint.At("publish.verified");
        await RemoveOutdatedAsync(store, now, ct);
        return ToReceipt(request, now, plan);
    }

    /// <summary>Says what <see cref="PublishAsync"/> would do, from what can be read without a key and without writing.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PublishedOtherBytes"/>, <see cref="Fault.PublishedDowngrade"/> and those of reading.</exception>
    public static async Task<ImmutableArray<string>> PreviewAsync(PublishPreview request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var offered = await OfferedPackage.FromAsync(request.Packages, ct);
        await using var store = request.Place.Store.Open();
        var metadata = await PublishedMetadata.ReadAsync(store, ct);
        var plan = PublishPlan.Of(metadata?.Packages ?? [], offered, request.AllowDowngrade);
        var next = RepositorySnapshot.Of([.. metadata?.Packages ?? [], .. plan.Additions.Select(package => package.Index)], metadata?.Repomd);
        return
        [
            .. plan.Present.Select(package => $"keep {store.At(package.Index.File.Location)}: the same bytes are there"),
            .. plan.Additions.Select(package => $"copy {package.Path} to {store.At(package.Index.File.Location)}"),
            .. metadata is not null && plan.Additions.IsEmpty
                ? (string[])[$"keep {store.At(Repomd.Folder)}: nothing changes"]
                : [$"write {store.At(Repomd.Folder)}: revision {next.Repomd.Revision}, {(metadata?.Packages.Length ?? 0) + plan.Additions.Length} packages, signed"],
        ];
    }

    private static void CheckSigners(ImmutableArray<OfferedPackage> offered, ImmutableArray<string> known)
    {
        foreach (var package in offered)
        {
            if (!known.Contains(package.Signer, StringComparer.Ordinal))
            {
                throw new ReleaseException(
                    Fault.RpmSignerUnexpected, $"'{package.Path}' is signed by {package.Signer}, and clients of this repository know {string.Join(" and ", known)}.");
            }
        }
    }

    private async Task AnnounceAsync(IRepositoryStore store, ServedRepository? served, PublishPlan plan, CancellationToken ct)
    {
        if (served is null)
        {
            reporter.Info($"'{store.Name}' has no repository metadata yet: this is its first publication.");
        }

        foreach (var package in plan.Present)
        {
            reporter.Info($"{package.Index.File.Location} is there already with the same bytes.");
        }

        var known = (served?.Metadata.Packages ?? []).Concat(plan.Additions.Select(package => package.Index)).Select(package => package.File);
        var files = served?.Files ?? ServedFiles.Of(store, await store.ListAsync("", ct));
        foreach (var orphan in files.Orphans(known))
        {
            reporter.Warning($"'{store.At(orphan)}' is not named by the metadata, and this publication does not add it.");
        }
    }

    private async Task AddPackagesAsync(IRepositoryStore store, PublishPlan plan, CancellationToken ct)
    {
        foreach (var package in plan.Additions)
        {
            reporter.Detail($"copy '{package.Path}' to '{store.Name}'");
        }

        await store.AddAsync([.. plan.Additions.Select(package => FileOffer.Of(package.Path, package.Index.File))], ct);
        foreach (var package in plan.Additions)
        {
            await store.CheckSameAsync(package.Index.File, ct);
        }
    }

    /// <summary>New metadata, signed. Both what is served and what will be are kept under the names of their digests.</summary>
    private static async Task<MetadataChange> ChangeAsync(MetadataKey key, ServedRepository? served, PublishPlan plan, CancellationToken ct)
    {
        var before = served?.Metadata;
        var snapshot = RepositorySnapshot.Of([.. before?.Packages ?? [], .. plan.Additions.Select(package => package.Index)], before?.Repomd);
        var signed = await key.SignAsync(snapshot.Repomd.ToXml(), ct);
        FailPoint.At("publish.signed");

        // What is named by served metadata was read and checked; a stray file of the same name was not.
        var there = before?.Repomd.Entries.Select(entry => entry.File.Location).ToHashSet(StringComparer.Ordinal) ?? [];
        var missing = served is null || served.Files.Sizes.ContainsKey(KeptMetadata.Location(Digest.Of(served.Signed.Bytes))) ? [] : KeptMetadata.Of(served.Signed);
        return new MetadataChange(served?.Signed, signed)
        {
            Files = [.. snapshot.Files.Select(MetadataBytes.Of).Where(file => !there.Contains(file.Location))],
            Beside = [.. missing, .. KeptMetadata.Of(signed)],
        };
    }

    /// <summary>Serves new metadata and reads it as a client; serves the old again when a client would refuse the new.</summary>
    private static async Task<ServedRepository> ServeAsync(IRepositoryStore store, MetadataChange change, RpmVerifier trusted, CancellationToken ct)
    {
        await store.ServeAsync(change, ct);
        FailPoint.At("publish.swapped");
        try
        {
            // Not cancelled by the user: between swap and verdict there is nothing sensible to stop at.
            var now = await ServedRepository.ReadAsync(store, trusted, CancellationToken.None);
            return now is not null && now.Metadata.Bytes.AsSpan().SequenceEqual(change.Next.Bytes)
                ? now
                : throw new ReleaseException(Fault.RepositoryMoved, $"'{store.Name}' was changed by somebody else in the moment it was published.");
        }
        catch (ReleaseException ex) when (ex.Fault != Fault.RepositoryMoved)
        {
            await TakeBackAsync(store, change);
            throw;
        }
    }

    private static Task TakeBackAsync(IRepositoryStore store, MetadataChange change) => change.Base is { } old
        ? store.ServeAsync(new MetadataChange(change.Next, old), CancellationToken.None)
        : store.RemoveAsync([SignedRepomd.Location, SignedRepomd.SignatureLocation], CancellationToken.None);

    /// <summary>The last step, when everything before it is proven; what it does not get to is removed by the next publication.</summary>
    private async Task RemoveOutdatedAsync(IRepositoryStore store, ServedRepository now, CancellationToken ct)
    {
        var outdated = await KeptMetadata.OutdatedAsync(store, Digest.Of(now.Metadata.Bytes), clock.GetUtcNow(), ct);
        foreach (var location in outdated)
        {
            reporter.Detail($"remove '{store.At(location)}'");
        }

        await store.RemoveAsync(outdated, ct);
        FailPoint.At("publish.tidied");
    }

    private static Receipt ToReceipt(PublishRequest request, ServedRepository now, PublishPlan plan) =>
        new(
            request.Place.Store.ToString(),
            now.Metadata.Repomd.Revision,
            Digest.Of(now.Metadata.Bytes),
            [.. plan.Additions.Select(package => ToPublished(package, isNew: true)), .. plan.Present.Select(package => ToPublished(package, isNew: false))])
        {
            Changed = true,
            Signer = now.Signer,
            Total = now.Metadata.Packages.Length,
        };

    private static PublishedPackage ToPublished(OfferedPackage package, bool isNew) =>
        new(package.Index.Nevra, package.Index.File.Location, package.Index.File.Digest, package.Signer, isNew);
}
