using DotnetRelease.Lockfiles;
using DotnetRelease.Toml;

namespace DotnetRelease.Runs;

/// <summary>A lockfile at one point in time, still unread.</summary>
/// <param name="Origin">Full commit id or path of a file; null for "before the first commit".</param>
/// <param name="Label">How positions name it.</param>
/// <param name="Bytes">Its content; null when it is not there.</param>
internal sealed record LockState(string? Origin, string Label, ReadOnlyMemory<byte>? Bytes)
{
    /// <summary>Reads the content as a lockfile.</summary>
    public Lockfile? Parse() => Bytes is { } bytes ? LockfileReader.Read(bytes.Span, Label) : null;

    /// <summary>Whether both have the same content. A checkout may have rewritten line ends, which is no change of the lock.</summary>
    public bool HasContentOf(LockState other) => (Bytes, other.Bytes) switch
    {
        (null, null) => true,
        ({ } mine, { } others) => mine.Span.SequenceEqual(others.Span) || WithoutReturns(mine.Span).AsSpan().SequenceEqual(WithoutReturns(others.Span)),
        _ => false,
    };

    /// <summary>The state that is on disk now.</summary>
    /// <param name="path">As the user names it; becomes origin and label.</param>
    /// <param name="folder">What a relative path starts from.</param>
    public static LockState OfFile(string path, string folder)
    {
        try
        {
            using var file = new FileStream(Path.GetFullPath(path, folder), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return new(path, path, Read(file, path, file.CanSeek ? file.Length : null));
        }
        catch (Exception ex) when (ex is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(path, path, Bytes: null);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"The lockfile could not be read: {ex.Message}", new SourcePosition(path), ex);
        }
    }

    /// <summary>The state that is piped in.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>: nothing is, or both sides would be.</exception>
    public static LockState OfInput(Stream? input)
    {
        const string label = "stdin";
        if (input is not { CanRead: true })
        {
            throw new ReleaseException(Fault.Usage, "'-' is standard input, which 'detect' reads, and for one side only.") { Remedy = "Name a revision or a file; a file of this name is './-'." };
        }

        using (input)
        {
            return new(DetectionRequest.StandardInput, label, Read(input, label, size: null));
        }
    }

    /// <summary>Reads at most what the TOML reader takes: the size is looked at first, but a pipe has none.</summary>
    private static ReadOnlyMemory<byte> Read(Stream file, string path, long? size)
    {
        if (size > TomlReader.SizeLimit)
        {
            throw TomlReader.TooLarge(path, size.Value);
        }

        var bytes = new byte[size + 1 ?? 64 * 1024];
        var length = 0;
        for (int count; (count = file.Read(bytes, length, bytes.Length - length)) > 0;)
        {
            length += count;
            if (length > TomlReader.SizeLimit)
            {
                throw TomlReader.TooLarge(path, length);
            }

            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, Math.Min(bytes.Length * 2, TomlReader.SizeLimit + 1));
            }
        }

        return bytes.AsMemory(0, length);
    }

    private static byte[] WithoutReturns(ReadOnlySpan<byte> bytes)
    {
        var kept = new List<byte>(bytes.Length);
        foreach (var each in bytes)
        {
            if (each is not (byte)'\r')
            {
                kept.Add(each);
            }
        }

        return [.. kept];
    }
}
