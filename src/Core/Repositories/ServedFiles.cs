using System.Collections.Concurrent;
using System.Collections.Immutable;
using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>The files of a repository, looked at once and from outside.</summary>
/// <param name="Reader">Where they lie.</param>
/// <param name="Sizes">Bytes by location.</param>
internal sealed record ServedFiles(IRepositoryReader Reader, ImmutableDictionary<string, long> Sizes)
{
    internal static ServedFiles Of(IRepositoryReader reader, IEnumerable<StoredFile> files) =>
        new(reader, files.ToImmutableDictionary(file => file.Location, file => file.Size, StringComparer.Ordinal));

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
        _ => null,
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
