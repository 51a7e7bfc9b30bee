namespace DotnetRelease.Storage;

/// <summary>
/// Writes files so that any moment may be the last: beside the target, synced with a checked result, renamed, and the folder synced.
/// Under the final name there is the old file or the whole new one.
/// </summary>
public static class Durable
{
    /// <summary>Names of unfinished files start with this, so that a later run can recognise and remove them.</summary>
    public const string UnfinishedPrefix = ".unfinished-";

    /// <summary>Replaces or creates a file with the given bytes; a file that already has them is left alone.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (File.Exists(path) && new FileInfo(path).Length == bytes.Length
            && (await File.ReadAllBytesAsync(path, ct)).AsSpan().SequenceEqual(bytes.Span))
        {
            return;
        }

        await WriteAsync(path, async stream => await stream.WriteAsync(bytes, ct), ct);
    }

    /// <summary>Replaces or creates a file with what <paramref name="write"/> puts into the stream. When it throws, nothing changes.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    public static async Task WriteAsync(string path, Func<FileStream, Task> write, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(write);
        string? unfinished = null;
        try
        {
            unfinished = UnfinishedBeside(path);
            await using (var stream = new FileStream(unfinished, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, 128 * 1024, FileOptions.Asynchronous))
            {
                await write(stream);
            }

            ct.ThrowIfCancellationRequested();
            Commit(unfinished, path);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"'{path}' could not be written: {ex.Message}.", inner: ex);
        }
        finally
        {
            if (unfinished is not null)
            {
                File.Delete(unfinished);
            }
        }
    }

    /// <summary>Creates a file with the given bytes; false when something has the name already, and that stays as it is.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    public static async Task<bool> CreateAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        string? unfinished = null;
        try
        {
            unfinished = UnfinishedBeside(path);
            await File.WriteAllBytesAsync(unfinished, bytes, ct);
            Libc.Sync(unfinished, folder: false);
            var isMine = Libc.RenameIfFree(unfinished, path);
            Libc.Sync(Path.GetDirectoryName(Path.GetFullPath(path))!, folder: true);
            return isMine;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"'{path}' could not be written: {ex.Message}.", inner: ex);
        }
        finally
        {
            if (unfinished is not null)
            {
                File.Delete(unfinished);
            }
        }
    }

    /// <summary>A fresh name in the target's own folder, which is created when missing.</summary>
    public static string UnfinishedBeside(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, $"{UnfinishedPrefix}{Guid.NewGuid():n}");
    }

    /// <summary>
    /// Gives many finished files their final names: all are synced before the first is renamed, and every folder is synced once at
    /// the end, which takes a fraction of the time that one after the other takes.
    /// </summary>
    /// <exception cref="IOException">A step failed; each final name has either what it had or the whole new file.</exception>
    public static void Commit(IReadOnlyCollection<(string Unfinished, string Path)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        try
        {
            Parallel.ForEach(files, file => Libc.Sync(file.Unfinished, folder: false));
        }
        catch (AggregateException ex)
        {
            throw new IOException(ex.InnerException!.Message, ex);
        }

        foreach (var (unfinished, path) in files)
        {
            Libc.Rename(unfinished, path);
        }

        foreach (var folder in files.Select(file => Path.GetDirectoryName(Path.GetFullPath(file.Path))!).Distinct(StringComparer.Ordinal))
        {
            Libc.Sync(folder, folder: true);
        }
    }

    /// <summary>Gives a finished file its final name: sync the file, rename, sync the folder.</summary>
    /// <exception cref="IOException">A step failed; the final name still has what it had.</exception>
    public static void Commit(string unfinished, string path)
    {
        Libc.Sync(unfinished, folder: false);
        Libc.Rename(unfinished, path);
        Libc.Sync(Path.GetDirectoryName(Path.GetFullPath(path))!, folder: true);
    }
}
