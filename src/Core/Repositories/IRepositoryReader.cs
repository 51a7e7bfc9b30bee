using DotnetRelease.Repositories.Git;

namespace DotnetRelease.Repositories;

/// <summary>
/// A repository that can be read, wherever it lies. A location is a path relative to its root, with <c>/</c>, as metadata names
/// files: <c>repodata/repomd.xml</c>.
/// </summary>
internal interface IRepositoryReader : IAsyncDisposable
{
    /// <summary>What a person calls it: the full path of a folder, or a URL without secrets. For messages.</summary>
    string Name { get; }

    /// <summary>Looks at one file; null when it is not there.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.FileUnreadable"/>, <see cref="Fault.StoreUnreachable"/> or <see cref="Fault.StoreRefused"/>.</exception>
    Task<StoredFile?> FindAsync(string location, CancellationToken ct);

    /// <summary>Opens one file for reading from start to end; null when it is not there. Memory stays flat whatever its size.</summary>
    /// <exception cref="ReleaseException">As <see cref="FindAsync"/>; reading the stream throws the same.</exception>
    Task<Stream?> OpenAsync(string location, CancellationToken ct);

    /// <summary>Reads the beginning of a file that may be large; where that can be spared, the rest is not transferred. Null when it is not there.</summary>
    /// <param name="location">Path relative to the root.</param>
    /// <param name="read">Reads as far as it likes; may be called again after a failure.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException">As <see cref="FindAsync"/>, and what <paramref name="read"/> throws.</exception>
    async Task<T?> ReadStartAsync<T>(string location, Func<Stream, Task<T>> read, CancellationToken ct)
        where T : class
    {
        await using var stream = await OpenAsync(location, ct);
        return stream is null ? null : await read(stream);
    }
}

/// <summary>A file of a repository, seen from outside.</summary>
/// <param name="Location">Path relative to the root.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Modified">When it was written, by the clock of whoever stores it; null when it does not say.</param>
internal sealed record StoredFile(string Location, long Size, DateTimeOffset? Modified)
{
    /// <summary>What lies there is a Git LFS pointer, and <see cref="Size"/> that of the file it stands for.</summary>
    public LfsPointer? Pointer { get; init; }
}
