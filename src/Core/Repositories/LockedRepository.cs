using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Metadata;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>
/// A repository that this process alone may change, and what its clients see. Whatever is done to a repository goes through here:
/// new metadata is made beside the old, served, read back as a client, recorded, and only then what is outdated goes.
/// </summary>
internal sealed class LockedRepository : IAsyncDisposable
{
    private readonly RepositoryAccess _access;
    private readonly TimeProvider _clock;
    private readonly Stack<IAsyncDisposable> _held = [];
    private ReadOnlyMemory<byte> _keyFile;

    private LockedRepository(RepositoryAccess access, TimeProvider clock)
    {
        (_access, _clock, Store) = (access, clock, access.Place.Store.Open());
        _held.Push(Store);
    }

    /// <summary>Where it lies.</summary>
    internal IRepositoryStore Store { get; }

    /// <summary>What its clients know.</summary>
    internal RpmVerifier Trusted { get => field ?? throw new InvalidOperationException("The repository is not locked."); private set; }

    /// <summary>What clients see; null when there is no metadata yet.</summary>
    internal ServedRepository? Served { get; private set; }

    /// <summary>What a maintainer said about it last; null when nobody did.</summary>
    internal RevisionRecord? Record { get; private set; }

    /// <summary>Where a person goes on with what was changed, such as the page of a pull request; null: nowhere.</summary>
    internal string? Link { get; private set; }

    /// <summary>The packages that clients see.</summary>
    internal ImmutableArray<IndexedPackage> Packages => Served?.Metadata.Packages ?? [];

    /// <summary>What the served revision took away, also when an earlier run did it and was killed.</summary>
    internal IEnumerable<RemovedPackage> RemovedNow => Record is { } record ? record.Removed.Where(package => package.Revision == record.Current.Revision) : [];

    /// <summary>Somebody serves metadata that is older than what was recorded.</summary>
    internal bool IsRolledBack => Served is { } served && Record is { } record && served.Metadata.Repomd.Revision < record.Current.Revision;

    private bool IsRecorded => Served is { } served && Record is { } record && record.Current.Repomd == Digest.Of(served.Signed.Bytes);

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(_clock.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>Takes the repository, creating its place when missing, and reads it as a client does.</summary>
    /// <param name="access">Which one, and the key that changes it.</param>
    /// <param name="purpose">What for, for whoever meets the lock.</param>
    /// <param name="clock">Dates the record, and ages what is outdated.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.LockHeld"/>, <see cref="Fault.KeyRefused"/>, <see cref="Fault.RepositoryUnverified"/> and those of reading.
    /// </exception>
    internal static async Task<LockedRepository> OpenAsync(RepositoryAccess access, string purpose, TimeProvider clock, CancellationToken ct)
    {
        var repository = new LockedRepository(access, clock);
        try
        {
            repository._held.Push(await repository.Store.LockAsync(purpose, ct));
            FailPoint.At("publish.locked");
            repository._keyFile = await RepositoryKeyFile.MergeAsync(repository.Store, access.Place.KeyName, access.Key, ct);
            repository.Trusted = await RepositoryKeyFile.OpenAsync(repository._keyFile, ct);
            repository._held.Push(repository.Trusted);
            repository.Served = await ServedRepository.ReadOrResumeAsync(repository.Store, repository.Trusted, ct);
            repository.Record = await SignedRecord.ReadAsync(repository.Store, repository.Trusted, ct);
            return repository;
        }
        catch
        {
            await repository.DisposeAsync();
            throw;
        }
    }

    /// <summary>Nobody may build on metadata that somebody else set back: what was published since would vanish without a word.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryRolledBack"/>.</exception>
    internal void RefuseRolledBack()
    {
        if (IsRolledBack)
        {
            throw RollbackVerdict.Below(Store.At(SignedRepomd.Location), Served!.Metadata.Repomd.Revision, Record!);
        }
    }

    /// <summary>Somebody agreed to a change of exactly this.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMoved"/>.</exception>
    internal void RequireBase(Digest? repomd)
    {
        if ((Served is { } served ? Digest.Of(served.Signed.Bytes) : (Digest?)null) != repomd)
        {
            throw new ReleaseException(Fault.RepositoryMoved, $"'{Store.At(SignedRepomd.Location)}' changed after the plan was made; nothing was done.");
        }
    }

    /// <summary>Writes the key file and the <c>.repo</c> file; unchanged bytes are left alone.</summary>
    internal async Task DescribeAsync(CancellationToken ct)
    {
        await Store.WriteAsync(_access.Place.KeyName, _keyFile, ct);
        await Store.WriteAsync(_access.Place.RepoName, Encoding.UTF8.GetBytes(_access.Place.ToRepoFile(_access.Project)), ct);
        FailPoint.At("publish.described");
    }

    /// <summary>Serves exactly these packages, whose files are there. False: clients saw them already, and it was recorded.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMoved"/> and those of signing, writing and reading. Clients then see what they saw before.</exception>
    internal async Task<bool> ServeAsync(NextPackages next, CancellationToken ct)
    {
        if (Served is { IsTorn: false } served && served.Metadata.Packages.Select(package => package.File).SequenceEqual(next.Files))
        {
            if (!IsRecorded)
            {
                // A run was killed between the two, or another tool was here.
                await RecordAsync(await RecordedPackagesAsync(ct), next);
                await FinishAsync($"Record revision {served.Metadata.Repomd.Revision}", ct);
                return true;
            }

            await FinishAsync("Describe the repository", ct);
            return false;
        }

        var before = Packages;
        if (Served is not null && Record is not null && !IsRecorded && !IsRolledBack)
        {
            Record = RevisionRecord.After(Record, ToChange(await RecordedPackagesAsync(ct), RecordedAct.Changed));
        }

        Served = await SwapAsync(await ChangeAsync(next, ct), ct);
        FailPoint.At("publish.verified");
        await RecordAsync(before, next);
        await FinishAsync(ChangeMessage.Of(_access.Place.Id, before, Served.Metadata), ct);
        return true;
    }

    private async Task FinishAsync(string message, CancellationToken ct) => Link = await Store.FinishAsync(message, ct) ?? Link;

    /// <summary>Vouches for what is served, today.</summary>
    internal async Task SignAgainAsync(CancellationToken ct)
    {
        Record = Record! with { Signed = Now };
        await WriteRecordAsync(ct);
        await FinishAsync("Sign the record of revisions again", ct);
    }

    /// <summary>Says which removed packages are gone for good; deleting them comes after that.</summary>
    internal async Task ForgetAsync(ImmutableArray<RemovedPackage> deleted, CancellationToken ct)
    {
        Record = Record!.Without(deleted) with { Signed = Now };
        await WriteRecordAsync(ct);
        await FinishAsync($"Forget {deleted.Length} removed packages", ct);
    }

    /// <summary>The last step, when everything before it is proven; what it does not get to is removed by the next change.</summary>
    internal async Task RemoveOutdatedAsync(IReporter reporter, CancellationToken ct)
    {
        HashSet<Digest> kept = [Digest.Of(Served!.Signed.Bytes), .. (Record?.Revisions ?? []).Select(revision => revision.Repomd)];
        var outdated = await KeptMetadata.OutdatedAsync(Store, kept, _clock.GetUtcNow(), ct);
        foreach (var location in outdated)
        {
            reporter.Detail($"remove '{Store.At(location)}'");
        }

        await Store.RemoveAsync(outdated, ct);
        FailPoint.At("publish.tidied");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (_held.TryPop(out var held))
        {
            await held.DisposeAsync();
        }
    }

    /// <summary>New metadata, signed. Both what is served and what will be are kept under the names of their digests.</summary>
    private async Task<MetadataChange> ChangeAsync(NextPackages next, CancellationToken ct)
    {
        var before = Served?.Metadata.Repomd;
        var above = before is null ? null : before with { Revision = Math.Max(before.Revision, Record?.Current.Revision ?? 0) };
        var snapshot = RepositorySnapshot.Of(next.Packages, above, _access.Place.Style);
        var signed = await _access.Key.SignAsync(snapshot.Repomd.ToXml(), ct);
        FailPoint.At("publish.signed");

        // What is named by served metadata was read and checked; a stray file of the same name was not.
        var there = before?.Entries.Select(entry => entry.File.Location).ToHashSet(StringComparer.Ordinal) ?? [];
        var missing = Served is null || Served.Files.Sizes.ContainsKey(KeptMetadata.Location(Digest.Of(Served.Signed.Bytes))) ? [] : KeptMetadata.Of(Served.Signed);
        return new MetadataChange(Served?.Signed, signed)
        {
            Files = [.. snapshot.Files.Select(MetadataBytes.Of).Where(file => !there.Contains(file.Location))],
            Beside = [.. missing, .. KeptMetadata.Of(signed)],
        };
    }

    /// <summary>Serves new metadata and reads it as a client; serves the old again when a client would refuse the new.</summary>
    private async Task<ServedRepository> SwapAsync(MetadataChange change, CancellationToken ct)
    {
        await Store.ServeAsync(change, ct);
        FailPoint.At("publish.swapped");
        try
        {
            // Not cancelled by the user: between swap and verdict there is nothing sensible to stop at.
            var now = await ServedRepository.ReadAsync(Store, Trusted, CancellationToken.None);
            return now is not null && now.Metadata.Bytes.AsSpan().SequenceEqual(change.Next.Bytes)
                ? now
                : throw new ReleaseException(Fault.RepositoryMoved, $"'{Store.Name}' was changed by somebody else in the moment it was published.");
        }
        catch (ReleaseException ex) when (ex.Fault != Fault.RepositoryMoved)
        {
            await TakeBackAsync(change);
            throw;
        }
    }

    private Task TakeBackAsync(MetadataChange change) => change.Base is { } old
        ? Store.ServeAsync(new MetadataChange(change.Next, old), CancellationToken.None)
        : Store.RemoveAsync([SignedRepomd.Location, SignedRepomd.SignatureLocation], CancellationToken.None);

    /// <summary>
    /// The record follows what is served, never the other way round: one that lags forgets nothing, because what is served is added
    /// to it, and one that went ahead could not be told from a rollback.
    /// </summary>
    private async Task RecordAsync(ImmutableArray<IndexedPackage> before, NextPackages next)
    {
        Record = RevisionRecord.After(Record, ToChange(before, next.Act) with { Restores = next.Restores });
        await WriteRecordAsync(CancellationToken.None);
        FailPoint.At("publish.recorded");
    }

    private RecordedChange ToChange(ImmutableArray<IndexedPackage> before, string act) => new(_access.Place.Id, act, Now)
    {
        Revision = Served!.Metadata.Repomd.Revision,
        Repomd = Digest.Of(Served.Signed.Bytes),
        Before = before,
        Now = Packages,
    };

    private async Task WriteRecordAsync(CancellationToken ct) =>
        await Store.WriteAsync(RevisionRecord.Location, await SignedRecord.SignAsync(Record!, _access.Key, ct), ct);

    /// <summary>What was served when the record was written; nothing when that is not known any more.</summary>
    private async Task<ImmutableArray<IndexedPackage>> RecordedPackagesAsync(CancellationToken ct) =>
        Record is { } record && await RevisionMetadata.ReadAsync(Store, record.Current, ct) is { } kept ? kept.Packages : [];
}

/// <summary>Who may change which repository.</summary>
/// <param name="Place">The repository.</param>
/// <param name="Key">Signs its metadata.</param>
/// <param name="Project">The project's name, for people who read the <c>.repo</c> file.</param>
public sealed record RepositoryAccess(RepositoryPlace Place, MetadataKey Key, string Project);

/// <summary>The packages that clients are to see.</summary>
/// <param name="Packages">All of them; the order does not matter.</param>
/// <param name="Act">Why: <see cref="RecordedAct"/>.</param>
internal sealed record NextPackages(ImmutableArray<IndexedPackage> Packages, string Act)
{
    /// <summary>The older revision that comes back, or null.</summary>
    internal long? Restores { get; init; }

    internal IEnumerable<RepositoryFile> Files => Packages.OrderBy(package => package.File.Location, StringComparer.Ordinal).Select(package => package.File);
}
