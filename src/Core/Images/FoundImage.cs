namespace DotnetRelease.Images;

/// <summary>One image that was found: its manifest and its config, which agree with each other, and what it was wanted for.</summary>
internal sealed record FoundImage(ImageManifest Manifest, ConfigDocument Config, Platform Platform)
{
    /// <summary>The image for the other rooms.</summary>
    /// <param name="reference">As the user named it.</param>
    /// <param name="digest">What the reference means.</param>
    /// <param name="pathOf">Where the blob of a descriptor is or will be.</param>
    internal Image ToImage(ImageReference reference, Digest digest, Func<Digest, string> pathOf)
    {
        var layers = Manifest.Layers.Zip(Config.DiffIds, (layer, diffId) =>
            new ImageLayer(diffId, pathOf(layer.Digest), MediaType.Compression(layer.MediaType)!.Value) { Digest = layer.Digest, Size = layer.Size });
        return new(reference.ToString(), digest, [.. layers], Config.Config) { Platform = Platform, Manifest = Manifest.Digest };
    }
}
