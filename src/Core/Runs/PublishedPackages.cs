using System.Collections.Concurrent;
using System.Collections.Immutable;
using DotnetRelease.Http;
using DotnetRelease.Metadata;
using DotnetRelease.Planning;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>
/// What users have: the newest package of a name in the project's repositories, read as a client reads them and without any login. Each is read
/// once in a run, and one that cannot be read is named once: nothing that is built may depend on it.
/// </summary>
/// <param name="reporter">Told what cannot be read.</param>
/// <param name="isOffline">Only folders of this machine are read.</param>
public sealed class PublishedPackages(IReporter reporter, bool isOffline = false) : IDisposable
{
    /// <summary>A machine without a network should notice soon.</summary>
    private static readonly HttpLimits Patience = HttpLimits.Default with { Connect = TimeSpan.FromSeconds(5), Headers = TimeSpan.FromSeconds(15), Retries = 1 };

    private readonly HttpDoor _door = new(Patience, reporter) { IsClosed = isOffline };
    private readonly ConcurrentDictionary<string, Lazy<Task<ReadPlace?>>> _places = new(StringComparer.Ordinal);

    /// <summary>
    /// Finds what a new package would replace: where several repositories have it, in the one that packages come to last, because most users are
    /// there. Null when none has it, or none can be read.
    /// </summary>
    /// <param name="workspace">Knows the repositories.</param>
    /// <param name="target">The distro.</param>
    /// <param name="built">The new package.</param>
    /// <param name="ct">Ends it.</param>
    internal async Task<PublishedPackage?> FindAsync(Workspace workspace, TargetSettings target, Nevra built, CancellationToken ct)
    {
        var arch = target with { Archs = built.Arch is "noarch" ? target.Archs[..1] : [built.Arch] };
        foreach (var repository in workspace.Settings.Repositories.OrderByDescending(repository => Depth(workspace.Settings, repository)))
        {
            var place = _places.GetOrAdd(
                $"{repository.Name}/{target.Name}/{arch.Archs[0]}", name => new(() => TryAsync(name, () => ReadAsync(workspace, repository, arch, ct))));
            if (await place.Value is { } read && Newest(read.Packages, built) is { } entry
                && await TryAsync($"{repository.Name}/{target.Name}", () => ReadAsync(read, entry, ct)) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _door.Dispose();

    /// <summary>How many steps of promotion a package makes to get there.</summary>
    private static int Depth(Settings settings, RepositorySettings repository)
    {
        var depth = 0;
        for (var from = repository; from.PromoteFrom is { } name && settings.FindRepository(name) is { } next && depth < settings.Repositories.Length; from = next)
        {
            depth++;
        }

        return depth;
    }

    /// <summary>The architecture may change between noarch and one machine.</summary>
    private static IndexedPackage? Newest(ImmutableArray<IndexedPackage> packages, Nevra built) => packages
        .Where(package => package.Nevra.Name == built.Name && (package.Nevra.Arch == built.Arch || (package.Nevra.Arch is not "src" && (built.Arch is "noarch" || package.Nevra.Arch is "noarch"))))
        .MaxBy(package => Evr.Of(package.Nevra));

    private async Task<T?> TryAsync<T>(string name, Func<Task<T?>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (ReleaseException ex)
        {
            reporter.Info($"{name}: what is published cannot be read, so new packages are not compared with it: {ex.Message}");
            return null;
        }
    }

    private async Task<ReadPlace?> ReadAsync(Workspace workspace, RepositorySettings repository, TargetSettings target, CancellationToken ct)
    {
        var place = new PublishTargets(workspace.Settings, workspace.Folder).PlaceOf(repository, target);
        var reader = place switch
        {
            { Store: FolderAddress } => place.Store.Open(),
            { BaseUrl.IsFile: true } => new FolderAddress(place.BaseUrl.LocalPath).Open(),
            _ => (IRepositoryReader)new HttpRepository(_door, place.BaseUrl),
        };
        return await PublishedMetadata.ReadAsync(reader, ct) is { } metadata ? new ReadPlace(reader, metadata.Packages) : null;
    }

    private static async Task<PublishedPackage?> ReadAsync(ReadPlace place, IndexedPackage entry, CancellationToken ct)
    {
        var name = place.Reader.At(entry.File.Location);
        var package = await place.Reader.ReadStartAsync(entry.File.Location, stream => RpmStart.ReadAsync(stream, entry.File.Size, name, ct), ct);
        return package is null
            ? throw new ReleaseException(Fault.RepositoryUnverified, $"'{name}', which the metadata names, is missing.")
            : new PublishedPackage(place.Reader, entry.File, package);
    }

    private sealed record ReadPlace(IRepositoryReader Reader, ImmutableArray<IndexedPackage> Packages);
}

/// <summary>A package that users have.</summary>
/// <param name="Reader">Where it lies.</param>
/// <param name="File">What it is there.</param>
/// <param name="Package">Its headers; nobody compared a digest or a signature.</param>
internal sealed record PublishedPackage(IRepositoryReader Reader, RepositoryFile File, RpmPackage Package);
