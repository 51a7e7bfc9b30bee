using System.Collections.Immutable;
using DotnetRelease.Metadata;

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
        try
        {
            return await ServeAsync(request, ct);
        }
        catch (IOException ex)
        {
            throw new ReleaseException(Fault.WriteFailed, $"Publishing to '{request.Place.Store}' failed: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    private async Task<Receipt> ServeAsync(PublishRequest request, CancellationToken ct)
    {
        var offered = await OfferedPackage.FromAsync(request.Packages, ct);

        await using var repository = await LockedRepository.OpenAsync(new RepositoryAccess(request.Place, request.Key, request.Project), request.Purpose, clock, ct);
        CheckSigners(offered, [.. repository.Trusted.Certificates.Select(certificate => certificate.Fingerprint)]);
        repository.RefuseRolledBack();
        if (request.Base is { } planned)
        {
            repository.RequireBase(planned.Repomd);
        }

        var plan = PublishPlan.Of(repository.Packages, repository.Record, offered, request.AllowDowngrade);
        if (request.Recall is { } recall)
        {
            await recall(new RepositoryState(repository.Served, repository.Record));
        }

        await AnnounceAsync(repository, plan, ct);

        await AddPackagesAsync(repository.Store, plan, ct);
        await repository.DescribeAsync(ct);
        var next = new NextPackages([.. repository.Packages, .. plan.Additions.Select(package => package.Index)], request.Act);
        var changed = await repository.ServeAsync(next, ct);
        if (request.Facts is { } facts)
        {
            await facts.AppendAsync(request, repository.Served!, plan.Additions.Concat(plan.Present));
        }

        if (changed)
        {
            await repository.RemoveOutdatedAsync(reporter, ct);
        }

        return ToReceipt(request, repository.Served!, plan) with { Changed = changed, Link = repository.Link };
    }

    /// <summary>Finds what <see cref="PublishAsync"/> would refuse, from what can be read without a key and without writing.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PublishedOtherBytes"/>, <see cref="Fault.PublishedDowngrade"/> and those of reading.</exception>
    public static async Task CheckAsync(PublishPreview request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        await using var store = request.Place.Store.Open();
        await PlanAsync(store, request, ct);
    }

    /// <summary>Says what <see cref="PublishAsync"/> would do. What is behind a network is not asked.</summary>
    /// <exception cref="ReleaseException">For a folder, as <see cref="CheckAsync"/>.</exception>
    public static async Task<ImmutableArray<string>> PreviewAsync(PublishPreview request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        await using var store = request.Place.Store.Open();
        if (!request.Place.Store.IsLocal)
        {
            var offered = await OfferedPackage.FromAsync(request.Packages, ct);
            return
            [
                $"lock {store.Name}, and stop at a conflict or a downgrade (not asked now: that needs the network)",
                .. offered.Select(package => $"copy {package.Path} to {store.At(package.Index.File.Location)}, unless the same bytes are there"),
                $"write {store.At(Repomd.Folder)}: with {offered.Length} packages of these, signed, unless it has them",
            ];
        }

        var (metadata, plan) = await PlanAsync(store, request, ct);
        return
        [
            .. plan.Present.Select(package => $"keep {store.At(package.Index.File.Location)}: the same bytes are there"),
            .. plan.Additions.Select(package => $"copy {package.Path} to {store.At(package.Index.File.Location)}"),
            .. metadata is not null && plan.Additions.IsEmpty
                ? (string[])[$"keep {store.At(Repomd.Folder)}: nothing changes"]
                : [$"write {store.At(Repomd.Folder)}: revision {RepositorySnapshot.NextRevision([.. metadata?.Packages ?? [], .. plan.Additions.Select(package => package.Index)], metadata?.Repomd, request.Place.Style.Revision)}, {(metadata?.Packages.Length ?? 0) + plan.Additions.Length} packages, signed"],
        ];
    }

    private static async Task<(PublishedMetadata? Served, PublishPlan Plan)> PlanAsync(IRepositoryStore store, PublishPreview request, CancellationToken ct)
    {
        var offered = await OfferedPackage.FromAsync(request.Packages, ct);
        var served = await PublishedMetadata.ReadAsync(store, ct);
        return (served, PublishPlan.Of(served?.Packages ?? [], await SignedRecord.PeekAsync(store, ct), offered, request.AllowDowngrade));
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

    private async Task AnnounceAsync(LockedRepository repository, PublishPlan plan, CancellationToken ct)
    {
        var (store, served) = (repository.Store, repository.Served);
        if (served is null)
        {
            reporter.Info($"'{store.Name}' has no repository metadata yet: this is its first publication.");
        }

        foreach (var package in plan.Present)
        {
            reporter.Info($"{package.Index.File.Location} is there already with the same bytes.");
        }

        var known = repository.Packages.Concat(plan.Additions.Select(package => package.Index)).Select(package => package.File)
            .Concat((repository.Record?.Removed ?? []).Select(package => package.File));
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
