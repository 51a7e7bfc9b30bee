using System.Buffers;
using System.Security.Cryptography;

namespace DotnetRelease.Storage;

/// <summary>
/// A large entry of the cache while it comes. What came stays when the transfer breaks or the program is killed, and the next run goes on
/// behind it; nothing has the entry's own name before all of it has the digest. One process at a time has it.
/// </summary>
internal sealed class PartialFile : IAsyncDisposable
{
    private const int BufferSize = 128 * 1024;

    private readonly ContentCache _cache;
    private readonly Expected _expected;
    private readonly FileStream _file;
    private readonly IncrementalHash _hash;
    private readonly bool _mayStay;
    private bool _isEntry;

    private PartialFile(ContentCache cache, Expected expected, FileStream file, bool mayStay) =>
        (_cache, _expected, _file, _mayStay, _hash) = (cache, expected, file, mayStay, IncrementalHash.CreateHash(expected.Digest.HashName));

    /// <summary>Bytes that are here; more than expected when too many came.</summary>
    internal long Length { get; private set; }

    /// <summary>Bytes of the whole; null when nobody said.</summary>
    internal long? Size => _expected.Size;

    /// <summary>More bytes are not taken in.</summary>
    internal long Limit => _expected.Size ?? ContentCache.UnknownSizeLimit;

    /// <summary>Whether nothing is missing any more: an earlier run may have been killed just before the end.</summary>
    internal bool IsAllHere => Length > 0 && (Size is { } size ? Length == size : Digest.OfSoFar(_hash) == _expected.Digest);

    /// <summary>Whether its bytes came in more than one transfer, so that a wrong digest may be cured by getting all of them at once.</summary>
    internal bool IsPieced { get; private set; }

    /// <summary>Takes over an open file and reads what an earlier run left in it.</summary>
    /// <param name="cache">Where it will be an entry.</param>
    /// <param name="expected">What the whole has to be.</param>
    /// <param name="file">Locked; and whether its name tells a later run what it is.</param>
    /// <param name="ct">Ends the reading.</param>
    internal static async Task<PartialFile> OpenAsync(ContentCache cache, Expected expected, (FileStream File, bool MayStay) file, CancellationToken ct)
    {
        var part = new PartialFile(cache, expected, file.File, file.MayStay);
        if (part._file.Length > part.Limit)
        {
            part.Restart();
            return part;
        }

        await part.CopyAsync(part._file, write: false, ct);
        part.IsPieced = part.Length > 0;
        return part;
    }

    /// <summary>Forgets what is here.</summary>
    internal void Restart()
    {
        _cache.Writing(() => _file.SetLength(0));
        _ = _hash.GetHashAndReset();
        (Length, IsPieced) = (0, false);
    }

    /// <summary>Adds a stream, to its end or to one buffer beyond the expected size. Exceptions of the stream pass through; what came before is kept.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    internal Task AppendAsync(Stream content, CancellationToken ct)
    {
        IsPieced |= Length > 0;
        return CopyAsync(content, write: true, ct);
    }

    /// <summary>Makes it an entry if it is whole and right; else nothing stays, and the result says what came.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    internal async Task<Intake> FinishAsync()
    {
        var came = new Intake(Length > Limit ? null : Digest.Of(_hash), Length);
        if (came.Digest != _expected.Digest || (Size is { } size && Length != size))
        {
            Restart();
            return came;
        }

        var entry = await _cache.CommitAsync(_file, new Expected(_expected.Digest, Length));
        _isEntry = true;
        return came with { File = entry };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _hash.Dispose();
        if (!_isEntry && (!_mayStay || Length is 0))
        {
            // Still locked, so that nobody begins with a file that is about to go.
            File.Delete(_file.Name);
        }

        await _file.DisposeAsync();
    }

    private async Task CopyAsync(Stream content, bool write, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (int count; Length <= Limit && (count = await content.ReadAsync(buffer, ct)) > 0;)
            {
                if (write)
                {
                    await _cache.WritingAsync(() => RandomAccess.WriteAsync(_file.SafeFileHandle, buffer.AsMemory(0, count), Length, ct).AsTask());
                }

                _hash.AppendData(buffer, 0, count);
                Length += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
