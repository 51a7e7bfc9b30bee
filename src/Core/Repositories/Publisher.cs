using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Metadata;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>
/// Puts signed packages into a repository folder so that clients always see a whole repository, the old or the new, wherever the
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

        var store = new FolderStore(request.Place.Folder);
        using var held = store.Lock();
        FailPoint.At("publish.locked");

        var keyFile = await RepositoryKeyFile.MergeAsync(Path.Combine(store.Root, request.Place.KeyName), request.Key, ct);
        await using var trusted = await RepositoryKeyFile.OpenAsync(keyFile, ct);
        CheckSigners(offered, [.. trusted.Certificates.Select(certificate => certificate.Fingerprint)]);

        var served = await ServedRepository.ReadAsync(store.Root, trusted, ct);
        var plan = PublishPlan.Of(served?.Metadata.Packages ?? [], offered, request.AllowDowngrade);
        Announce(store, served, plan);

        await AddPackagesAsync(store, plan, ct);
        await store.WriteAsync(request.Place.KeyName, keyFile, ct);
        await store.WriteAsync(request.Place.RepoName, Encoding.UTF8.GetBytes(request.Place.ToRepoFile(request.Project)), ct);
        FailPoint.At("publish.described");

        if (served is not null && plan.Additions.IsEmpty)
        {
            return ToReceipt(request, served, plan) with { Changed = false };
        }

        var now = await ServeAsync(store, new Change(request.Key, served, plan), trusted, ct);
        return ToReceipt(request, now, plan);
    }

    /// <summary>Says what <see cref="PublishAsync"/> would do, from what can be read without a key and without writing.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PublishedOtherBytes"/>, <see cref="Fault.PublishedDowngrade"/> and those of reading.</exception>
    public static async Task<ImmutableArray<string>> PreviewAsync(PublishPreview request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var offered = await OfferedPackage.FromAsync(request.Packages, ct);
        var (root, metadata) = (request.Place.Folder, await PublishedMetadata.ReadAsync(request.Place.Folder, ct));
        var plan = PublishPlan.Of(metadata?.Packages ?? [], offered, request.AllowDowngrade);
        var next = RepositorySnapshot.Of([.. metadata?.Packages ?? [], .. plan.Additions.Select(package => package.Index)], metadata?.Repomd);
        return
        [
            .. plan.Present.Select(package => $"keep {Path.Combine(root, package.Index.File.Location)}: the same bytes are there"),
            .. plan.Additions.Select(package => $"copy {package.Path} to {Path.Combine(root, package.Index.File.Location)}"),
            .. metadata is not null && plan.Additions.IsEmpty
                ? (string[])[$"keep {Path.Combine(root, Repomd.Folder)}: nothing changes"]
                : [$"write {Path.Combine(root, Repomd.Folder)}: revision {next.Repomd.Revision}, {(metadata?.Packages.Length ?? 0) + plan.Additions.Length} packages, signed"],
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

    private void Announce(FolderStore store, ServedRepository? served, PublishPlan plan)
    {
        if (served is null)
        {
            reporter.Info($"'{store.Root}' has no repository metadata yet: this is its first publication.");
        }

        foreach (var package in plan.Present)
        {
            reporter.Info($"{package.Index.File.Location} is there already with the same bytes.");
        }

        var known = (served?.Metadata.Packages ?? []).Concat(plan.Additions.Select(package => package.Index)).Select(package => package.File);
        foreach (var orphan in ServedRepository.Orphans(store.Root, known))
        {
            reporter.Warning($"'{Path.Combine(store.Root, orphan)}' is not named by the metadata, and this publication does not add it.");
        }
    }

    private async Task AddPackagesAsync(FolderStore store, PublishPlan plan, CancellationToken ct)
    {
        foreach (var package in plan.Additions)
        {
            reporter.Detail($"copy '{package.Path}' to '{store.Root}'");
            await store.AddAsync(package.Path, package.Index.File, ct);
            FailPoint.At("publish.copied");
        }

        store.Sync();
        foreach (var package in plan.Additions)
        {
            await store.CheckSameAsync(package.Index.File, ct);
        }
    }

    /// <summary>New metadata beside the old, signed, swapped in, and read as a client; swapped out again when a client would refuse it.</summary>
    private async Task<ServedRepository> ServeAsync(FolderStore store, Change change, RpmVerifier trusted, CancellationToken ct)
    {
        var before = change.Served?.Metadata;
        var snapshot = RepositorySnapshot.Of([.. before?.Packages ?? [], .. change.Plan.Additions.Select(package => package.Index)], before?.Repomd);
        var signed = await change.Key.SignAsync(snapshot.Repomd.ToXml(), ct);
        FailPoint.At("publish.signed");

        var staged = await store.StageAsync(snapshot, signed, new OldMetadata(before?.Repomd, snapshot.Repomd, clock.GetUtcNow()), ct);
        FailPoint.At("publish.staged");
        try
        {
            // Our lock does not stop other tools.
            await store.CheckUnmovedAsync(before?.Bytes, ct);
            staged.Swap();
        }
        catch
        {
            staged.Discard();
            throw;
        }

        FailPoint.At("publish.swapped");
        var now = await VerifyAsync(store, staged, signed, trusted);
        FailPoint.At("publish.verified");
        staged.Discard();
        return now;
    }

    /// <summary>Not cancelled by the user: between swap and verdict there is nothing sensible to stop at.</summary>
    private static async Task<ServedRepository> VerifyAsync(FolderStore store, StagedMetadata staged, SignedRepomd signed, RpmVerifier trusted)
    {
        try
        {
            var now = await ServedRepository.ReadAsync(store.Root, trusted, CancellationToken.None);
            return now is not null && now.Metadata.Bytes.AsSpan().SequenceEqual(signed.Bytes)
                ? now
                : throw new ReleaseException(Fault.RepositoryMoved, $"'{store.Root}' was changed by somebody else in the moment it was published.");
        }
        catch (ReleaseException)
        {
            staged.SwapBack();
            staged.Discard();
            throw;
        }
    }

    private static Receipt ToReceipt(PublishRequest request, ServedRepository now, PublishPlan plan) =>
        new(
            request.Place.Folder,
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

    private sealed record Change(MetadataKey Key, ServedRepository? Served, PublishPlan Plan);
}
