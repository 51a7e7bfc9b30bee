namespace DotnetRelease.Images;

/// <summary>What one pass through an archive found: every name, and the small JSON documents. Layers are not kept.</summary>
internal sealed class ArchiveCatalog
{
    /// <summary>All documents of an archive together. One image has some ten KiB of them.</summary>
    private const long DocumentsLimit = 32L << 20;

    private readonly ArchiveReference _reference;
    private readonly Dictionary<string, ArchiveEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _documents = new(StringComparer.Ordinal);

    private ArchiveCatalog(ArchiveReference reference) => _reference = reference;

    /// <summary>Reads the whole archive.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ImageArchiveMalformed"/>, <see cref="Fault.ImageUnsafe"/>.</exception>
    internal static ArchiveCatalog Read(ArchiveReference reference, CancellationToken ct)
    {
        var catalog = new ArchiveCatalog(reference);
        using var bytes = new ArchiveBytes(reference);
        var tar = new ArchiveTar(bytes);
        var documents = 0L;
        while (tar.Next() is { } entry)
        {
            ct.ThrowIfCancellationRequested();
            catalog._entries.Add(entry.Name, entry);
            if (entry.LooksLikeJson && entry.Size <= ManifestDocument.SizeLimit)
            {
                documents += entry.Size;
                if (documents > DocumentsLimit)
                {
                    throw bytes.Malformed($"its JSON documents have more than {DocumentsLimit} bytes");
                }

                var document = new byte[entry.Size];
                using var content = tar.Content();
                content.ReadExactly(document);
                catalog._documents.Add(entry.Name, document);
            }
        }

        return catalog;
    }

    /// <summary>The file of a name; a link is followed once.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ImageArchiveMalformed"/> when it is not there.</exception>
    internal ArchiveEntry File(string name, string what)
    {
        var entry = _entries.GetValueOrDefault(Plain(name)) ?? throw Missing(name, what);
        if (entry.Target is not { } target)
        {
            return entry;
        }

        return _entries.GetValueOrDefault(target) is { Target: null } file
            ? file
            : throw _reference.Failure(
                Fault.ImageArchiveMalformed, $"{what} '{Printable.Of(name)}' is a link to '{Printable.Of(target)}', where no file is in the archive");
    }

    /// <summary>The bytes of a document.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ImageArchiveMalformed"/> when it is not there, or is no JSON of sensible size.</exception>
    internal byte[] Document(string name, string what) =>
        _documents.GetValueOrDefault(File(name, what).Name)
        ?? throw _reference.Failure(Fault.ImageArchiveMalformed, $"{what} '{Printable.Of(name)}' is no JSON document of at most {ManifestDocument.SizeLimit} bytes");

    private static string Plain(string name) => name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;

    private ReleaseException Missing(string name, string what) =>
        _reference.Failure(Fault.ImageArchiveMalformed, $"{what} '{Printable.Of(name)}' is not in the archive");
}
