using DotnetRelease.Metadata;
using DotnetRelease.Planning;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>What one repository says for one target, right now. Digests were compared; who signed it was not asked.</summary>
/// <param name="Repository">From the settings.</param>
/// <param name="Target">The settings' name of the target.</param>
/// <param name="Place">Where it is.</param>
internal sealed record ServedPlace(RepositorySettings Repository, string Target, RepositoryPlace Place)
{
    /// <summary>What clients see; null when nothing is published there, or when it cannot be read.</summary>
    internal PublishedMetadata? Metadata { get; init; }

    /// <summary>Why it cannot be read; null when it can.</summary>
    internal ReleaseException? Failure { get; init; }

    /// <summary>Digest of repomd.xml, from which everything else follows; null before the first publication.</summary>
    internal Digest? Repomd => Metadata is null ? null : Digest.Of(Metadata.Bytes);

    /// <summary>The package of a file name, or null.</summary>
    internal IndexedPackage? Find(string fileName) => Metadata?.Packages.FirstOrDefault(package => Path.GetFileName(package.File.Location) == fileName);

    /// <summary>Where clients get a package.</summary>
    internal string AddressOf(IndexedPackage package) => new Uri(Place.BaseUrl, package.File.Location).AbsoluteUri;

    /// <summary>Reads repositories for every target, all at once. One that cannot be read says so in its own value.</summary>
    internal static Task<ServedPlace[]> ReadAllAsync(Workspace workspace, IEnumerable<RepositorySettings> repositories, CancellationToken ct)
    {
        var targets = new PublishTargets(workspace.Settings, workspace.Folder);
        return Task.WhenAll(
            from repository in repositories
            from target in workspace.Settings.Targets
            select new ServedPlace(repository, target.Name, targets.PlaceOf(repository, target)).ReadAsync(ct));
    }

    /// <summary>The same place, read now.</summary>
    internal async Task<ServedPlace> ReadAsync(CancellationToken ct)
    {
        try
        {
            await using var store = Place.Store.Open();
            return this with { Metadata = await PublishedMetadata.ReadAsync(store, ct), Failure = null };
        }
        catch (ReleaseException ex)
        {
            return this with { Metadata = null, Failure = ex };
        }
    }
}
