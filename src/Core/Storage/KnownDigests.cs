using System.Text;

namespace DotnetRelease.Storage;

/// <summary>
/// Remembers the digests of files that were hashed once, so that a second run does not read hundreds of megabytes again. An entry
/// counts only while device, inode, size, modification time and change time are all the same, and it is made only when the change time
/// was old enough to show a later write. So it guards against every ordinary change of a file: editors, copies, half downloads, restored
/// backups with old times. It does not guard against a program of this same user or of root that sets the machine's clock back or edits
/// this list, nor against a disk that changes bits by itself; who must know, calls <see cref="Digest.OfFileAsync"/>.
/// </summary>
/// <param name="file">The list; created when missing, safe to delete at any time.</param>
public sealed class KnownDigests(string file)
{
    /// <summary>A longer list is written anew with what still is true.</summary>
    private const int LinesBeforeCleaning = 4096;

    private readonly Lock _gate = new();
    private Dictionary<string, Entry>? _entries;

    /// <summary>False in a dry run: what is learnt is forgotten with the process.</summary>
    public bool MayWrite { get; init; } = true;

    /// <summary>The list of a user, beside the cache.</summary>
    /// <param name="places">Where the user's files are.</param>
    /// <param name="mayWrite">False in a dry run.</param>
    public static KnownDigests Open(Places places, bool mayWrite = true)
    {
        ArgumentNullException.ThrowIfNull(places);
        return new(Path.Combine(places.Cache, "known-digests")) { MayWrite = mayWrite };
    }

    /// <summary>The digest of a regular file: remembered when nothing touched the file since, else read.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.FileUnreadable"/>.</exception>
    public Task<Digest> OfFileAsync(string path, CancellationToken ct) => OfFileLikeAsync(path, Digest.OfNothing, ct);

    /// <summary>The same with the algorithm of another digest, to be compared with it.</summary>
    /// <inheritdoc cref="OfFileAsync"/>
    internal async Task<Digest> OfFileLikeAsync(string path, Digest other, CancellationToken ct)
    {
        path = Path.GetFullPath(path);
        try
        {
            var before = FileIdentity.Of(path);
            if (before is null && OperatingSystem.IsLinux() && File.Exists(path))
            {
                // Reading a pipe or a device may never end.
                throw new IOException("it is no regular file");
            }

            if (before is { } known && Recall(path, known) is { } digest && digest.Algorithm == other.Algorithm)
            {
                return digest;
            }

            digest = await Digest.OfFileLikeAsync(path, other, ct);
            if (before is { } same && same == FileIdentity.Of(path) && same.IsSettledAt(DateTimeOffset.UtcNow))
            {
                Note(path, same, digest);
            }

            return digest;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be read: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    /// <summary>
    /// Remembers a file whose bytes were hashed while they were written. Only for the writer of the file itself, right after its final
    /// rename: nobody else knows the name yet, so nothing can hide in the tick of the clock.
    /// </summary>
    public void Remember(string path, Digest digest)
    {
        path = Path.GetFullPath(path);
        if (FileIdentity.Of(path) is { } identity)
        {
            Note(path, identity, digest);
        }
    }

    private Digest? Recall(string path, FileIdentity identity)
    {
        lock (_gate)
        {
            return Entries().TryGetValue(path, out var entry) && entry.Identity == identity ? entry.Digest : null;
        }
    }

    private void Note(string path, FileIdentity identity, Digest digest)
    {
        if (path.Contains('\n', StringComparison.Ordinal))
        {
            return;
        }

        lock (_gate)
        {
            Entries()[path] = new(identity, digest);
            if (!MayWrite)
            {
                return;
            }

            try
            {
                // One write in append mode: lines of several processes do not mix. A torn one does not parse and is forgotten.
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
                using var list = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 1);
                list.Write(Encoding.UTF8.GetBytes(Line(path, identity, digest)));
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
            {
                // Only speed is lost: the file is hashed again next time.
            }
        }
    }

    private Dictionary<string, Entry> Entries()
    {
        if (_entries is not null)
        {
            return _entries;
        }

        _entries = new(StringComparer.Ordinal);
        var lines = 0;
        try
        {
            foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
            {
                lines++;
                if (TryParse(line, out var path) is { } entry)
                {
                    _entries[path] = entry;
                }
            }
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return _entries;
        }

        if (lines > LinesBeforeCleaning && MayWrite)
        {
            Clean(_entries);
        }

        return _entries;
    }

    private void Clean(Dictionary<string, Entry> entries)
    {
        foreach (var (path, (identity, _)) in entries)
        {
            if (FileIdentity.Of(path) != identity)
            {
                entries.Remove(path);
            }
        }

        try
        {
            var unfinished = Durable.UnfinishedBeside(file);
            File.WriteAllLines(unfinished, entries.Select(entry => Line(entry.Key, entry.Value.Identity, entry.Value.Digest).TrimEnd('\n')));
            File.Move(unfinished, file, overwrite: true);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // The long list stays; it is as true as before.
        }
    }

    // The digest stands last, so that a line cut short anywhere has none.
    private static string Line(string path, FileIdentity identity, Digest digest) => $"{path}\t{identity}\t{digest}\n";

    private static Entry? TryParse(string line, out string path)
    {
        // From the right: a path may contain tabs.
        path = "";
        var second = line.LastIndexOf('\t');
        var first = second > 0 ? line.LastIndexOf('\t', second - 1) : -1;
        if (first <= 0 || !Digest.TryParseAny(line[(second + 1)..], out var digest) || FileIdentity.Parse(line[(first + 1)..second]) is not { } identity)
        {
            return null;
        }

        path = line[..first];
        return new(identity, digest);
    }

    /// <summary>What is remembered of a file. A class, as code for tables of values is compiled anew in each process.</summary>
    private sealed record Entry(FileIdentity Identity, Digest Digest);
}
