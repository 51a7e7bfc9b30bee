extern alias holder;

using DotnetRelease.Fixtures;
using holder::DotnetRelease.Holder;
using holder::DotnetRelease.Holder.Layers;
using holder::DotnetRelease.Images;

namespace DotnetRelease.Core.Tests.Holder;

/// <summary>A layer that is read or applied in this process, without namespaces: only what belongs to root can be made by everybody.</summary>
internal sealed class UnpackedLayer : IDisposable
{
    private readonly Scratch _scratch = new();

    internal string Root => _scratch.Folder("root");

    /// <summary>Reads every header and all content.</summary>
    internal static List<TarEntry> Read(byte[] tar, LayerCompression compression = LayerCompression.None)
    {
        using var layer = new UnpackedLayer();
        using var file = File.OpenHandle(layer._scratch.Write("layer", tar));
        using var bytes = new LayerStream(file, compression, LayerLimits.Default);
        var archive = new TarReader(bytes);
        var entries = new List<TarEntry>();
        while (archive.Next() is { } entry)
        {
            entries.Add(entry);
        }

        bytes.Finish();
        return entries;
    }

    /// <summary>Applies a layer to <see cref="Root"/>.</summary>
    internal void Apply(byte[] tar, LayerLimits? limits = null)
    {
        using var file = File.OpenHandle(_scratch.Write("layer", tar));
        using var bytes = new LayerStream(file, LayerCompression.None, limits ?? LayerLimits.Default);
        var root = Files.Open(Files.CurrentFolder, System.Text.Encoding.UTF8.GetBytes(Root), Files.OpenFolder, 0, default);
        try
        {
            using var applier = new LayerApplier(root, 65536, new LayerCost(limits ?? LayerLimits.Default));
            applier.Apply(new TarReader(bytes));
        }
        finally
        {
            holder::DotnetRelease.Containers.Wire.Native.Close(root);
        }
    }

    public void Dispose() => _scratch.Dispose();
}
