using DotnetRelease.Storage;

namespace DotnetRelease.Sources;

/// <summary>A new file with a tar archive, compressed where its name says so. Frozen, as <see cref="TarForm"/> is.</summary>
internal sealed class TarFile : IDisposable
{
    /// <summary>Archives are padded to a multiple of this, and end with two empty blocks.</summary>
    private const int Record = 20 * TarForm.Block;

    private readonly FileStream _file;
    private readonly FrozenGzip? _gzip;
    private long _size;

    /// <summary>Begins the file.</summary>
    /// <param name="path">Of a new file; what is there after a failure is not whole.</param>
    internal TarFile(string path)
    {
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        _gzip = path.EndsWith(".tar", StringComparison.Ordinal) ? null : new FrozenGzip(_file);
    }

    /// <summary>Adds bytes of the archive.</summary>
    internal void Add(ReadOnlySpan<byte> bytes)
    {
        _size += bytes.Length;
        if (_gzip is null)
        {
            _file.Write(bytes);
        }
        else
        {
            _gzip.Write(bytes);
        }
    }

    /// <summary>Adds what stands behind the last entry.</summary>
    internal void End()
    {
        Add(new byte[2 * TarForm.Block]);
        Add(TarForm.Padding(_size, Record));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using (_file)
        {
            _gzip?.Dispose();
        }
    }
}
