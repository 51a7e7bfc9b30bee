namespace DotnetRelease.Holder.Layers;

/// <summary>What a layer may cost. A real layer is far below; a bomb is stopped before it fills the disk.</summary>
/// <param name="Bytes">Uncompressed bytes.</param>
/// <param name="Entries">Files, folders and links.</param>
/// <param name="Ratio">Uncompressed to packed bytes, once <paramref name="RatioFrom"/> is passed.</param>
/// <param name="RatioFrom">Small layers of zeros are legal.</param>
internal sealed record LayerLimits(long Bytes, int Entries, int Ratio, long RatioFrom)
{
    internal static LayerLimits Default { get; } = new(32L << 30, 1_000_000, 100, 256L << 20);

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

    internal void CheckEntries(int count)
    {
        if (count > Entries)
        {
            throw new ReleaseException(Fault.ImageUnsafe, $"the layer has more than {Entries} entries");
        }
    }
}
