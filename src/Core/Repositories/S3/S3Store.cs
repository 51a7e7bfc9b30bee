using System.Collections.Immutable;
using DotnetRelease.Storage;

namespace DotnetRelease.Repositories.S3;

/// <summary>
/// A repository in an object store. An object is there whole or not at all, and what must not happen twice is written under a condition:
/// packages when there is none of the name, <c>repomd.xml</c> when it still is the one that was read. It is one object and its signature is another,
/// so between two requests a client may see them unlike.
/// </summary>
internal sealed class S3Store(S3Address address) : IRepositoryStore
{
    private static readonly WriteCondition IfNone = new((string?)null);

    private readonly S3Bucket _bucket = new(address);
    private StoreLease? _lease;

    /// <inheritdoc/>
    public string Name => address.ToString();

    /// <inheritdoc/>
    public async Task<StoredFile?> FindAsync(string location, CancellationToken ct) => await _bucket.HeadAsync(location, ct) is { } found
        ? new StoredFile(location, found.ContentLength, found.LastModified is { } modified ? new DateTimeOffset(modified.ToUniversalTime(), TimeSpan.Zero) : null)
        : null;

    /// <inheritdoc/>
    public async Task<Stream?> OpenAsync(string location, CancellationToken ct) => (await _bucket.OpenAsync(location, ct))?.Content;

    /// <inheritdoc/>
    public async Task<ImmutableArray<StoredFile>> ListAsync(string folder, CancellationToken ct) =>
    [
        .. (await _bucket.ListAsync(folder, ct)).Where(file => file.Location is not StoreLease.Location && !Path.GetFileName(file.Location).StartsWith(Durable.UnfinishedPrefix, StringComparison.Ordinal))
            .OrderBy(file => file.Location, StringComparer.Ordinal),
    ];

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> LockAsync(string purpose, CancellationToken ct)
    {
        var lease = StoreLease.New(purpose);
        if (await UnlessIncapableAsync(() => PutAsync(StoreLease.Location, lease.ToBytes(), IfNone, ct)) is null)
        {
            throw (await LeaseAsync(ct) ?? StoreLease.Parse([])).Held(Name);
        }

        _lease = lease;
        var held = new Held(this, lease);
        try
        {
            await UnlessIncapableAsync(() => ProbeAsync(ct));
            await _bucket.AbandonUploadsAsync(ct);
            return held;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> BreakLockAsync(string token, CancellationToken ct)
    {
        if (await LeaseAsync(ct) is not { } lease || !lease.IsBreakable(token, Name))
        {
            return false;
        }

        await _bucket.DeleteAsync(StoreLease.Location, ct);
        return true;
    }

    /// <inheritdoc/>
    public async Task AddAsync(ImmutableArray<FileOffer> files, CancellationToken ct)
    {
        foreach (var file in files)
        {
            if (await _bucket.HeadAsync(file.File.Location, ct) is not null || !await _bucket.AddAsync(file, ct))
            {
                await this.CheckSameAsync(file.File, ct);
            }

            FailPoint.At("publish.copied");
        }
    }

    /// <inheritdoc/>
    public async Task WriteAsync(string location, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if ((await _bucket.HeadAsync(location, ct))?.ContentLength != bytes.Length || !(await this.ReadAsync(location, bytes.Length, ct)).AsSpan().SequenceEqual(bytes.Span))
        {
            await _bucket.PutAsync(location, bytes, null, ct);
        }
    }

    /// <inheritdoc/>
    public async Task ServeAsync(MetadataChange change, CancellationToken ct)
    {
        foreach (var file in change.Files.Concat(change.Beside))
        {
            await _bucket.PutAsync(file.Location, file.Pieces.SelectMany(piece => piece).ToArray(), null, ct);
        }

        FailPoint.At("publish.metadata");
        await CheckHeldAsync(ct);
        var (old, before) = await ReadTaggedAsync(SignedRepomd.Location, ct);
        if (!old.AsSpan().SequenceEqual(change.Base?.Bytes))
        {
            throw Moved();
        }

        var (oldSignature, beforeSignature) = await ReadTaggedAsync(SignedRepomd.SignatureLocation, ct);
        FailPoint.At("publish.staged");
        if (await PutAsync(SignedRepomd.SignatureLocation, change.Next.Signature, beforeSignature, CancellationToken.None) is not { } written)
        {
            throw Moved();
        }

        FailPoint.At("publish.torn");
        if (await PutAsync(SignedRepomd.Location, change.Next.Bytes, before, CancellationToken.None) is null)
        {
            await PutBackAsync(oldSignature, written);
            throw Moved();
        }

        FailPoint.At("publish.exchanged");
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(IEnumerable<string> locations, CancellationToken ct)
    {
        foreach (var location in locations)
        {
            await _bucket.DeleteAsync(location, ct);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _bucket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Writes under a condition and gives the tag; null: it does not hold. A write that was repeated after a lost answer meets what it wrote itself.
    /// </summary>
    private async Task<string?> PutAsync(string location, byte[] bytes, WriteCondition condition, CancellationToken ct)
    {
        if (await _bucket.PutAsync(location, bytes, condition, ct) is { } written)
        {
            return written;
        }

        var (there, same) = await ReadTaggedAsync(location, ct);
        return there.AsSpan().SequenceEqual(bytes) ? same.ETag : null;
    }

    /// <summary>Whoever was faster may have written the signature that we have replaced.</summary>
    private async Task PutBackAsync(byte[]? signature, string replaced)
    {
        if (signature is not null)
        {
            await _bucket.PutAsync(SignedRepomd.SignatureLocation, signature, new WriteCondition(replaced), CancellationToken.None);
        }
    }

    private async Task<(byte[]? Bytes, WriteCondition Same)> ReadTaggedAsync(string location, CancellationToken ct)
    {
        if (await _bucket.OpenAsync(location, ct) is not { } found)
        {
            return (null, IfNone);
        }

        await using var content = found.Content;
        var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, ct);
        return (bytes.ToArray(), new WriteCondition(found.ETag));
    }

    private async Task<StoreLease?> LeaseAsync(CancellationToken ct) => await this.ReadAsync(StoreLease.Location, StoreLease.Limit, ct) is { } bytes ? StoreLease.Parse(bytes) : null;

    /// <summary>Somebody may have taken our lock away while we were believed dead.</summary>
    private async Task CheckHeldAsync(CancellationToken ct)
    {
        var now = await LeaseAsync(ct);
        if (now?.Token != _lease?.Token)
        {
            throw now?.Held(Name) ?? new ReleaseException(Fault.LockHeld, $"The lock on '{Name}' was taken away from this run; nothing of it was served.") { Remedy = "Run the command again." };
        }
    }

    /// <summary>Finds out before anything is sent whether the service keeps to conditions; some take them and write all the same.</summary>
    private async Task<bool> ProbeAsync(CancellationToken ct)
    {
        const string location = $"{Durable.UnfinishedPrefix}probe", foreign = "\"00000000000000000000000000000000\"";
        await _bucket.DeleteAsync(location, ct);
        try
        {
            var first = await _bucket.PutAsync(location, "1"u8.ToArray(), IfNone, ct);
            var second = await _bucket.PutAsync(location, "2"u8.ToArray(), IfNone, ct);
            var other = await _bucket.PutAsync(location, "3"u8.ToArray(), new WriteCondition(foreign), ct);
            var same = first is null ? null : await _bucket.PutAsync(location, "4"u8.ToArray(), new WriteCondition(first), ct);
            return first is not null && second is null && other is null && same is not null
                ? true
                : throw Incapable($"it {(second is not null ? "ignores If-None-Match" : other is not null ? "ignores If-Match" : "refuses a write whose condition holds")}");
        }
        finally
        {
            await _bucket.DeleteAsync(location, CancellationToken.None);
        }
    }

    private async Task<T> UnlessIncapableAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (ReleaseException ex) when (ex.InnerException is Amazon.S3.AmazonS3Exception { ErrorCode: "NotImplemented" or "InvalidArgument" or "InvalidRequest" } no)
        {
            throw Incapable($"it answered '{no.ErrorCode}'");
        }
    }

    private ReleaseException Incapable(string why) => new(
        Fault.StoreIncapable, $"The service of bucket '{address.Bucket}'{(address.Endpoint is { } endpoint ? $" ({endpoint.Authority})" : "")} cannot write under a condition: {why}. Two publishers could overwrite each other's work.")
    {
        Remedy = "Use a service that has conditional writes (Amazon S3, MinIO, Ceph, Cloudflare R2 have), or publish to a folder and copy it there, packages first, repodata/repomd.xml last.",
    };

    private ReleaseException Moved() => new(Fault.RepositoryMoved, $"'{this.At(SignedRepomd.Location)}' was changed by somebody else while new metadata was made; nothing of it was served.");

    private sealed class Held(S3Store store, StoreLease lease) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            store._lease = null;
            try
            {
                if ((await store.LeaseAsync(CancellationToken.None))?.Token == lease.Token)
                {
                    await store._bucket.DeleteAsync(StoreLease.Location, CancellationToken.None);
                }
            }
            catch (ReleaseException)
            {
                // The service is gone, which is what the run already tells; the next one is told how to take the lock away.
            }
        }
    }
}
