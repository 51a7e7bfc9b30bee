using System.Buffers;
using System.Security.Cryptography;

namespace DotnetRelease.Storage;

/// <summary>
/// Files by what they contain: the name of a file is the digest of its bytes, so an entry never changes and several processes may fill
/// the same one. Bytes get that name only after they were counted, hashed and synced.
/// </summary>
public sealed class ContentCache
{
    /// <summary>More bytes than this are not taken in when nobody knows the size beforehand.</summary>
    public const long UnknownSizeLimit = 2L * 1024 * 1024 * 1024;

    private const int BufferSize = 128 * 1024;

    /// <summary>
    /// A writer holds a lock on its unfinished file from the moment after it was created to the moment after its rename. Older and not
    /// locked means that the writer is dead.
    /// </summary>
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(1);

    /// <summary>What is left of a broken transfer, by the digest that the whole must have.</summary>
    private const string PartPrefix = ".part-";

    /// <summary>Who comes back later than this starts again.</summary>
    private static readonly TimeSpan PartsStay = TimeSpan.FromDays(7);

    private readonly string _folder;
    private readonly Lazy<bool> _cleaned;

    /// <summary>
    /// Names the cache. Nothing is touched yet: the folder is made for the first entry, and what killed runs left unfinished goes at the
    /// first use.
    /// </summary>
    /// <param name="folder">Its own folder, used for nothing else.</param>
    /// <param name="known">Spares reading entries again that nothing touched.</param>
    public ContentCache(string folder, KnownDigests known)
    {
        _folder = Path.GetFullPath(folder);
        Known = known;
        _cleaned = new(RemoveLeftovers);
    }

    /// <summary>The digests it remembers; of use for other files too.</summary>
    public KnownDigests Known { get; }

    /// <summary>The cache of a user.</summary>
    /// <param name="places">Where the user's files are.</param>
    /// <param name="mayWrite">False in a dry run, which only asks <see cref="Has"/>.</param>
    public static ContentCache Open(Places places, bool mayWrite = true)
    {
        ArgumentNullException.ThrowIfNull(places);
        return new(Path.Combine(places.Cache, "content"), KnownDigests.Open(places, mayWrite));
    }

    /// <summary>Whether there is an entry of this digest, unread and unproven. For saying what would be done.</summary>
    public bool Has(Digest digest) => File.Exists(PathOf(digest));

    /// <summary>Whether somebody found out about the content of this digest what <see cref="Note"/> noted. Content never changes, so that holds for good.</summary>
    /// <param name="digest">The content.</param>
    /// <param name="finding">A word, with a number that is raised when the question changes.</param>
    public bool IsNoted(Digest digest, string finding) => File.Exists(NoteOf(digest, finding));

    /// <summary>Notes a finding about content, for later runs. A note is a help; a disk without room for it ends nothing.</summary>
    public void Note(Digest digest, string finding)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(NoteOf(digest, finding))!);
            File.Create(NoteOf(digest, finding)).Dispose();
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // The next run finds out again.
        }
    }

    /// <summary>The entry with this digest, checked before it is given out, or null. A damaged entry is removed.</summary>
    public async Task<CachedFile?> FindAsync(Digest digest, CancellationToken ct)
    {
        var path = PathOf(digest);
        try
        {
            if (!Has(digest))
            {
                return null;
            }

            _ = _cleaned.Value;

            if (await Known.OfFileLikeAsync(path, digest, ct) == digest)
            {
                return new CachedFile(path, digest, new FileInfo(path).Length);
            }

            File.Delete(path);
            return null;
        }
        catch (Exception ex) when (ex is FileNotFoundException or ReleaseException { InnerException: FileNotFoundException })
        {
            // Another process found it damaged, or the user emptied the cache.
            return null;
        }
    }

    /// <summary>
    /// Takes in a stream. The result has a file only if the bytes were exactly the expected ones; else nothing was kept and the result
    /// says what came instead. Exceptions of the stream pass through unchanged.
    /// </summary>
    /// <param name="expected">What the bytes have to be.</param>
    /// <param name="content">Read from where it stands to its end, or to one buffer beyond the expected size.</param>
    /// <param name="ct">Ends the work; nothing is kept then.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    public async Task<Intake> TakeInAsync(Expected expected, Stream content, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(content);
        var path = PathOf(expected.Digest);
        Prepare();
        var unfinished = Durable.UnfinishedBeside(path);
        try
        {
            await using var file = Create(unfinished, expected.Size);
            var came = await CopyAsync(content, file, expected, ct);
            if (came.Digest != expected.Digest || (expected.Size is { } size && size != came.Size))
            {
                return came;
            }

            await WritingAsync(() => file.FlushAsync(ct));
            await WritingAsync(() => Task.Run(() => Durable.Commit(unfinished, path), CancellationToken.None));
            Known.Remember(path, expected.Digest);
            return came with { File = new CachedFile(path, expected.Digest, came.Size) };
        }
        finally
        {
            // After the rename there is nothing of this name.
            File.Delete(unfinished);
        }
    }

    /// <summary>Begins to take in something large, or goes on where a transfer of it broke. When another process is at it, both get all of it.</summary>
    /// <param name="expected">What the bytes have to be.</param>
    /// <param name="ct">Ends the reading of what is here.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    internal async Task<PartialFile> BeginAsync(Expected expected, CancellationToken ct)
    {
        var path = PathOf(expected.Digest);
        Prepare();
        var part = Path.Combine(_folder, PartPrefix + expected.Digest.Hex);
        var file = TryLock(part, expected.Size);
        return await PartialFile.OpenAsync(this, expected, (file ?? Create(Durable.UnfinishedBeside(path), expected.Size), file is not null), ct);
    }

    /// <summary>Gives a part that is whole, so that its size is known, the name of its entry.</summary>
    internal async Task<CachedFile> CommitAsync(FileStream file, Expected expected)
    {
        var path = PathOf(expected.Digest);
        await WritingAsync(() => Task.Run(() =>
        {
            // The lock of a part shuts readers out, so it goes before the name comes.
            Libc.Sync(file.Name, folder: false);
            file.Dispose();
            Durable.Commit(file.Name, path);
        }));
        Known.Remember(path, expected.Digest);
        return new CachedFile(path, expected.Digest, expected.Size!.Value);
    }

    /// <summary>Removes an entry, for good or until somebody takes it in again.</summary>
    internal void Remove(Digest digest) => File.Delete(PathOf(digest));

    /// <summary>Where an entry is or would be, without looking.</summary>
    internal string PathOf(Digest digest) => Path.Combine(_folder, digest.Hex);

    private string NoteOf(Digest digest, string finding) => Path.Combine(_folder, "notes", finding, digest.Hex);

    private void Prepare()
    {
        try
        {
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            _ = _cleaned.Value;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(ex);
        }
    }

    /// <summary>The part of an entry, made when there is none; null while another process has it.</summary>
    private FileStream? TryLock(string part, long? size)
    {
        try
        {
            return File.Exists(part)
                ? new FileStream(part, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.Asynchronous)
                : new FileStream(part, NewFile(size, FileShare.None));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException) when (File.Exists(part))
        {
            return null;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(ex);
        }
    }

    private FileStream Create(string unfinished, long? size)
    {
        try
        {
            // A shared lock: cleaners see it, and readers of the final name are not shut out in the moment after the rename.
            return new FileStream(unfinished, NewFile(size, FileShare.Read | FileShare.Delete));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(ex);
        }
    }

    private static FileStreamOptions NewFile(long? size, FileShare share) => new()
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Share = share,
        Options = FileOptions.Asynchronous,
        BufferSize = 0,

        // A full disk shows before the download.
        PreallocationSize = Math.Max(0, size ?? 0),
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    };

    private async Task<Intake> CopyAsync(Stream content, FileStream file, Expected expected, CancellationToken ct)
    {
        var limit = expected.Size ?? UnknownSizeLimit;
        using var hash = IncrementalHash.CreateHash(expected.Digest.HashName);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var size = 0L;
            for (int count; (count = await content.ReadAsync(buffer, ct)) > 0;)
            {
                size += count;
                if (size > limit)
                {
                    return new Intake(null, size);
                }

                hash.AppendData(buffer, 0, count);
                await WritingAsync(() => file.WriteAsync(buffer.AsMemory(0, count), ct).AsTask());
            }

            return new Intake(Digest.Of(hash), size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A step on our own side: an IOException of the stream that we read from means something else to whoever opened it.</summary>
    internal async Task WritingAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(ex);
        }
    }

    /// <inheritdoc cref="WritingAsync"/>
    internal void Writing(Action write)
    {
        try
        {
            write();
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(ex);
        }
    }

    private ReleaseException Unwritable(Exception ex) =>
        new(Fault.WriteFailed, $"The cache '{_folder}' could not be written: {ex.Message.TrimEnd('.')}.", inner: ex);

    private bool RemoveLeftovers()
    {
        var unfinished = Directory.EnumerateFiles(_folder, Durable.UnfinishedPrefix + "*").Where(file => IsOlder(file, LongestStart));
        foreach (var leftover in unfinished.Concat(Directory.EnumerateFiles(_folder, PartPrefix + "*").Where(file => IsOlder(file, PartsStay))))
        {

            try
            {
                using var unlocked = new FileStream(leftover, FileMode.Open, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
            {
                // Its writer lives, or another cleaner was faster.
            }
        }

        return true;
    }

    private static bool IsOlder(string file, TimeSpan age) => DateTime.UtcNow - File.GetLastWriteTimeUtc(file) >= age;
}
