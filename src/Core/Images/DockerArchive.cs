using System.Collections.Immutable;

namespace DotnetRelease.Images;

/// <summary>
/// The documents of what <c>docker save</c> and <c>podman save</c> write (https://github.com/moby/docker-image-spec): <c>manifest.json</c>
/// names a configuration and its layers, and the configuration's diff_ids prove the layers. There is no digest of a manifest, so the
/// image is known by that of its configuration, docker's image id.
/// </summary>
internal sealed class DockerArchive(ArchiveReference reference, ArchiveCatalog catalog)
{
    private const string ManifestName = "manifest.json";
    private const int EntryLimit = 1024;

    internal ArchiveContent Find(Platform platform, Func<Digest, string> pathOf)
    {
        var item = Chosen();
        var (digest, config) = ReadConfig(item["Config"].Text());
        if (config.Platform.Fits(platform) is 0)
        {
            throw reference.Failure(Fault.ImagePlatformMissing, $"it has nothing for {platform}. Available: {Printable.Of(config.Platform.ToString())}");
        }

        var names = item["Layers"].Items(EntryLimit).Select(layer => layer.Text()).ToList();
        if (names.Count != config.DiffIds.Length)
        {
            throw reference.Failure(Fault.ImageMalformed, $"{ManifestName} has {names.Count} layers, the config {config.DiffIds.Length} diff_ids");
        }

        var layers = names.Zip(config.DiffIds, (name, diffId) => Layer(catalog.File(name, "the layer"), diffId, pathOf)).ToList();
        return new(
            new Image(reference.ToString(), digest, [.. layers.Select(layer => layer.Layer)], config.Config) { Platform = platform, Manifest = digest },
            layers.DistinctBy(layer => layer.Layer.Digest).ToImmutableDictionary(layer => layer.Layer.Digest, layer => layer.Name));
    }

    /// <summary>Docker's image id.</summary>
    internal Digest Top() => ReadConfig(Chosen()["Config"].Text()).Digest;

    private OciJson Chosen()
    {
        var bytes = catalog.Document(ManifestName, "the file");
        var items = OciJson.ParseArray($"'{ManifestName}' of '{Printable.Of(reference.ToString())}'", bytes, EntryLimit);
        var tagged = items.Select(item => (Item: item.AsObject(), Tags: item.Find("RepoTags")?.Items(EntryLimit).Select(tag => tag.Text()).ToList() ?? [])).ToList();
        var named = tagged.Where(each => reference.Tag is null || each.Tags.Exists(tag => Full(tag) == Full(reference.Tag))).ToList();
        return named is [var only]
            ? only.Item
            : throw LayoutIndex.Ambiguous(reference, reference.Tag, [.. tagged.SelectMany(each => each.Tags.DefaultIfEmpty(null!))], named.Count);
    }

    /// <summary>Docker writes <c>debian:12</c>, podman <c>docker.io/library/debian:12</c>; both mean one name.</summary>
    private static string Full(string tag)
    {
        const string hub = RegistryReference.DockerHub + "/";
        const string library = hub + "library/";
        var name = tag.StartsWith(library, StringComparison.Ordinal) ? tag[library.Length..] : tag.StartsWith(hub, StringComparison.Ordinal) ? tag[hub.Length..] : tag;
        return name.LastIndexOf(':') > name.LastIndexOf('/') ? name : name + ":latest";
    }

    /// <summary>A configuration is named by its digest, <c>HEX.json</c> or <c>blobs/sha256/HEX</c>; a name that says so must be true.</summary>
    private (Digest Digest, ConfigDocument Config) ReadConfig(string name)
    {
        var bytes = catalog.Document(name, "the configuration");
        var digest = Digest.Of(bytes);
        return DigestIn(name) is { } named && named != digest
            ? throw reference.Failure(Fault.ImageMismatch, $"the configuration '{Printable.Of(name)}' has {digest}")
            : (digest, ConfigDocument.Read(digest, bytes));
    }

    private (ImageLayer Layer, string Name) Layer(ArchiveEntry file, Digest diffId, Func<Digest, string> pathOf)
    {
        // Containerd's store saves layers as they came, compressed and named by their digest.
        var digest = file.Compression is LayerCompression.None ? diffId
            : DigestIn(file.Name) ?? throw reference.Failure(
                Fault.ImageArchiveMalformed, $"the layer '{Printable.Of(file.Name)}' is compressed, and nothing in the archive says which digest it must have");
        return (new ImageLayer(diffId, pathOf(digest), file.Compression) { Digest = digest, Size = file.Size }, file.Name);
    }

    private static Digest? DigestIn(string name) => Digest.TryParse("sha256:" + name.Split('/')[^1].Split('.')[0], out var digest) ? digest : null;
}
