using System.Collections.Immutable;

namespace DotnetRelease.Images;

/// <summary>How much of images lies in layers that several of them have.</summary>
public sealed class ImageSharing
{
    private readonly Dictionary<Digest, (long Size, ImmutableArray<string> Names)> _layers = [];

    /// <summary>Looks at all images at once.</summary>
    public ImageSharing(IEnumerable<Image> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        foreach (var image in images)
        {
            var name = $"{image.Reference} {image.Platform}";
            foreach (var layer in image.Layers.DistinctBy(layer => layer.Digest))
            {
                var names = _layers.TryGetValue(layer.Digest, out var known) ? known.Names : [];
                _layers[layer.Digest] = (layer.Size, names.Add(name));
            }
        }
    }

    /// <summary>Packed bytes of all images, what is shared counted once.</summary>
    public long Total => _layers.Values.Sum(layer => layer.Size);

    /// <summary>Packed bytes of an image that another one has too; removing the image would not free them.</summary>
    public long Shared(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return image.Layers.DistinctBy(layer => layer.Digest).Where(layer => With(image, layer).Any()).Sum(layer => layer.Size);
    }

    /// <summary>The other images that have a layer.</summary>
    public IEnumerable<string> With(Image image, ImageLayer layer)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(layer);
        var self = $"{image.Reference} {image.Platform}";
        return _layers.TryGetValue(layer.Digest, out var known) ? known.Names.Where(name => !string.Equals(name, self, StringComparison.Ordinal)) : [];
    }
}
