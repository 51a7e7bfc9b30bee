using System.Collections.Concurrent;
using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories.Git;

namespace DotnetRelease.Repositories;

/// <summary>The files of a repository, looked at once and from outside.</summary>
/// <param name="Reader">Where they lie.</param>
/// <param name="Sizes">Bytes by location.</param>
internal sealed record ServedFiles(IRepositoryReader Reader, ImmutableDictionary<string, long> Sizes)
{
    /// <summary>Packages that lie in Git LFS and are not here.</summary>
    internal ImmutableDictionary<string, LfsPointer> Pointers { get; private init; } = ImmutableDictionary<string, LfsPointer>.Empty;

    internal static ServedFiles Of(IRepositoryReader reader, IReadOnlyCollection<StoredFile> files) =>
        new(reader, files.ToImmutableDictionary(file => file.Location, file => file.Size, StringComparer.Ordinal))
        {
            Pointers = files.Where(file => file.Pointer is not null).ToImmutableDictionary(file => file.Location, file => file.Pointer!, StringComparer.Ordinal),
        };

    /// <summary>Lists what lies there; where nothing can be listed, asks for each file that the metadata names.</summary>
    internal static async Task<ServedFiles> LookAsync(IRepositoryReader reader, PublishedMetadata metadata, CancellationToken ct)
    {
        if (reader is IRepositoryStore store)
        {
            return Of(store, await store.ListAsync("", ct));
        }

        const int atOnce = 8;
        var found = new ConcurrentBag<StoredFile>();
        var named = metadata.Packages.Select(package => package.File).Concat(metadata.Repomd.Entries.Select(entry => entry.File));
        await Parallel.ForEachAsync(named, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = ct }, async (file, token) =>
        {
            if (await reader.FindAsync(file.Location, token) is { } there)
            {
                found.Add(there);
            }
        });
        return Of(reader, found);
    }

    /// <summary>What is wrong with one file, as far as one can see without reading it; or null.</summary>
    internal string? Missing(RepositoryFile file) => Sizes.TryGetValue(file.Location, out var size) switch
    {
        false => $"'{Reader.At(file.Location)}', which the metadata names, is missing.",
        true when size != file.Size => $"'{Reader.At(file.Location)}' has {size} bytes, and the metadata promises {file.Size}.",
        _ => Pointers.TryGetValue(file.Location, out var pointer) && pointer.Oid != file.Digest
            ? $"'{Reader.At(file.Location)}' is a Git LFS pointer to sha256 {pointer.Oid.Hex}, and the metadata promises {file.Digest.Hex}."
            : null,
    };

    /// <summary>The same for everything that metadata names.</summary>
    internal IEnumerable<string> Missing(PublishedMetadata metadata) =>
        metadata.Packages.Select(package => package.File)
            .Concat(metadata.Repomd.Entries.Select(entry => entry.File))
            .Select(Missing)
            .OfType<string>();

    /// <summary>Packages that lie there without being named by the metadata: a publication that was killed, or a copy by hand.</summary>
    internal ImmutableArray<string> Orphans(IEnumerable<RepositoryFile> known)
    {
        var named = known.Select(file => file.Location).ToHashSet(StringComparer.Ordinal);
        return [.. Sizes.Keys.Where(location => location.EndsWith(".rpm", StringComparison.Ordinal) && !named.Contains(location)).Order(StringComparer.Ordinal)];
    }
}
