using System.Diagnostics;

namespace DotnetRelease.Holder.Layers;

/// <summary>What a layer may cost. A real layer is far below; a bomb is stopped before it fills the disk.</summary>
/// <param name="Bytes">Uncompressed bytes, and bytes of all files with their holes.</param>
/// <param name="Entries">Files, folders and links, and folders that are only named on the way to them.</param>
/// <param name="Ratio">Uncompressed to packed bytes, once <paramref name="RatioFrom"/> is passed.</param>
/// <param name="RatioFrom">Small layers of zeros are legal.</param>
internal sealed record LayerLimits(long Bytes, int Entries, int Ratio, long RatioFrom)
{
    internal static LayerLimits Default { get; } = new(32L << 30, 1_000_000, 100, 256L << 20);

    /// <summary>Folders within folders. The longest path has 2047.</summary>
    internal int Depth { get; init; } = 256;

    /// <summary>Bytes of the names that have to be kept until the end: folders and marks.</summary>
    internal int Names { get; init; } = 64 << 20;

    /// <summary>How long unpacking may take.</summary>
    internal TimeSpan Time { get; init; } = TimeSpan.FromMinutes(30);

    internal void CheckSize(long plain, long packed)
    {
        if (plain > Bytes)
        {
            throw new ReleaseException(Fault.ImageUnsafe, $"the layer has more than {Bytes} bytes uncompressed");
        }

        if (plain > RatioFrom && plain / Math.Max(1, packed) > Ratio)
        {
            throw new ReleaseException(Fault.ImageUnsafe, $"the layer is a decompression bomb: more than {Ratio} bytes for each packed byte after {plain} bytes");
        }
    }

    internal void CheckDepth(ReadOnlySpan<byte> path)
    {
        if (path.Count((byte)'/') >= Depth)
        {
            throw new ReleaseException(Fault.ImageUnsafe, $"the layer has folders more than {Depth} deep, '{TarEntry.Show(path)}'");
        }
    }
}

/// <summary>What one layer has cost so far.</summary>
internal sealed class LayerCost(LayerLimits limits)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _entries;
    private long _bytes;
    private long _names;

    /// <summary>One more entry, or a folder that the archive does not name.</summary>
    internal void Add(ReadOnlySpan<byte> path)
    {
        limits.CheckDepth(path);
        if (++_entries > limits.Entries)
        {
            throw new ReleaseException(Fault.ImageUnsafe, $"the layer has more than {limits.Entries} entries");
        }

        if (Stopwatch.GetElapsedTime(_start) > limits.Time)
        {
            throw new ReleaseException(Fault.ImageUnsafe, $"unpacking the layer takes longer than {limits.Time.TotalMinutes} minutes");
        }
    }

    /// <summary>A name that is kept until the end.</summary>
    internal byte[] Keep(byte[] name)
    {
        const int around = 48;
        _names += name.Length + around;
        return _names > limits.Names ? throw new ReleaseException(Fault.ImageUnsafe, $"the layer has folders whose names are longer than {limits.Names} bytes together") : name;
    }

    /// <summary>A file with holes takes little room here, and all of its size wherever it is copied to.</summary>
    internal void AddSparse(long size)
    {
        _bytes = size > limits.Bytes - _bytes
            ? throw new ReleaseException(Fault.ImageUnsafe, $"the layer's files with holes have more than {limits.Bytes} bytes")
            : _bytes + size;
    }
}
