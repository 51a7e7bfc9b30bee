using System.Collections.Immutable;
using DotnetRelease.Storage;

namespace DotnetRelease.Facts;

/// <summary>
/// What was done in a project, one line for each fact, never changed: <c>.release/ledger.jsonl</c>. It proves and explains; what is true
/// now is derived from the world, so that a lost ledger costs history and nothing else. Any number of programs may have one open; they
/// write one after the other.
/// </summary>
/// <example>
/// <code>
/// var ledger = Ledger.Open(Ledger.PathIn(workspace.Folder), reporter);
/// await ledger.AppendAsync(Fact.Of(FactKind.Published, file.Nevra, file.Sha256) with { Target = "fedora-43", Where = url }, ct);
/// var released = ledger.Facts.Where(fact => fact.Kind is FactKind.Published);
/// </code>
/// </example>
public sealed class Ledger
{
    /// <summary>So long a writer waits for another one; a fact takes milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>More than a hundred thousand facts.</summary>
    private const long SizeLimit = 64 * 1024 * 1024;

    private readonly string _path;
    private readonly IReporter _reporter;
    private readonly TimeProvider _clock;
    private LedgerText _text = LedgerText.Empty;

    private Ledger(string path, IReporter reporter, TimeProvider clock) => (_path, _reporter, _clock) = (path, reporter, clock);

    /// <summary>Every fact that was read or written so far, oldest first.</summary>
    public ImmutableList<Fact> Facts => _text.Facts;

    /// <summary>Whether there is a file.</summary>
    public bool Exists => File.Exists(_path);

    /// <summary>The ledger of a project.</summary>
    /// <param name="folder">Full path of the settings' folder.</param>
    public static string PathIn(string folder) => Path.Combine(folder, ".release", "ledger.jsonl");

    /// <summary>Reads a ledger; a missing one is empty. Nothing is written before the first fact.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="reporter">Hears of a line that a crash tore.</param>
    /// <param name="clock">Dates facts that have no time; null: the system's.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.LedgerBroken"/>, <see cref="Fault.InputTooLarge"/> or <see cref="Fault.FileUnreadable"/>.</exception>
    public static Ledger Open(string path, IReporter reporter, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(reporter);
        var ledger = new Ledger(Path.GetFullPath(path), reporter, clock ?? TimeProvider.System);
        if (ledger.CatchUp() is var torn and > 0)
        {
            reporter.Warning($"The last line of '{path}' was cut off by a crash ({torn} bytes); the next fact sets it aside.");
        }

        return ledger;
    }

    /// <summary>Reads what others wrote meanwhile: other programs, and other parts of this one.</summary>
    /// <inheritdoc cref="Open"/>
    public void Refresh() => CatchUp();

    /// <summary>Moves a ledger out of the way, whatever is in it, so that a new one can begin; says where it is now.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    public static string MoveAway(string path)
    {
        try
        {
            var away = $"{path}.broken-{Digest.Of(File.ReadAllBytes(path)).Hex[..8]}";
            Libc.Rename(path, away);
            Libc.Sync(Path.GetDirectoryName(Path.GetFullPath(path))!, folder: true);
            return away;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"The ledger '{path}' could not be moved away: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    /// <summary>Writes one fact and returns it as it was written, when it is on disk.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.LockHeld"/>, <see cref="Fault.WriteFailed"/>, and what <see cref="Open"/> throws.</exception>
    public async Task<Fact> AppendAsync(Fact fact, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(fact);
        try
        {
            using var held = await FileLock.WaitAsync(_path + ".lock", "Writing to the ledger", Patience, ct);
            if (CatchUp() > 0)
            {
                await SetAsideAsync(ct);
            }

            var complete = fact with
            {
                Who = fact.Who.Length > 0 ? fact.Who : $"{Environment.UserName}@{Environment.MachineName}",
                At = fact.At == default ? _clock.GetUtcNow() : fact.At,
            };
            var (line, _) = FactLine.Write(complete, Facts.Count + 1, _text.Last);
            FailPoint.At("ledger.write");
            Write(line);

            // Read back from what was written: the returned fact is the recorded one, to the second and to the last cut text.
            _text = _text.Then(line, _path);
            return Facts[^1];
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"The ledger '{_path}' could not be written: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    private void Write(byte[] line)
    {
        var isNew = !Exists;
        using (var file = File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read))
        {
            // One write: a reader, or a crash, sees the line or a part of it, never two mixed.
            RandomAccess.Write(file, line, _text.Length);
        }

        FailPoint.At("ledger.sync");
        Libc.Sync(_path, folder: false);
        if (isNew)
        {
            Libc.Sync(Path.GetDirectoryName(_path)!, folder: true);
        }
    }

    /// <summary>Reads what other programs wrote meanwhile; returns how many bytes at the end are no whole line.</summary>
    private long CatchUp()
    {
        try
        {
            if (!Exists)
            {
                _text = LedgerText.Empty;
                return 0;
            }

            using var file = File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var length = RandomAccess.GetLength(file);
            if (length > SizeLimit)
            {
                throw new ReleaseException(Fault.InputTooLarge, $"The ledger has {length} bytes; at most {SizeLimit} are read.", new(_path));
            }

            if (length < _text.Length)
            {
                // Somebody put another file here.
                _text = LedgerText.Empty;
            }

            var more = new byte[length - _text.Length];
            var count = 0;
            for (int read; count < more.Length && (read = RandomAccess.Read(file, more.AsSpan(count), _text.Length + count)) > 0;)
            {
                count += read;
            }

            _text = _text.Then(more.AsMemory(0, count), _path);
            return length - _text.Length;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"The ledger '{_path}' could not be read: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    /// <summary>Puts what a crash left of a line into a file of its own, and the ledger back to its last whole line.</summary>
    private async Task SetAsideAsync(CancellationToken ct)
    {
        var bytes = (await File.ReadAllBytesAsync(_path, ct))[(int)_text.Length..];
        var aside = $"{_path}.torn-{Facts.Count + 1}-{Digest.Of(bytes).Hex[..8]}";
        await Durable.WriteAsync(aside, bytes, ct);
        using (var file = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.Read))
        {
            file.SetLength(_text.Length);
        }

        Libc.Sync(_path, folder: false);
        _reporter.Warning($"Line {Facts.Count + 1} of '{_path}' was cut off by a crash; its {bytes.Length} bytes are now in '{aside}', and the fact was never confirmed.");
    }
}
