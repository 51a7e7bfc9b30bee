using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Planning;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>Finds out which file goes where.</summary>
/// <param name="settings">The project's settings.</param>
/// <param name="folder">Full path of the settings' folder.</param>
internal sealed class PublishTargets(Settings settings, string folder)
{
    /// <summary>Where <c>rpm</c> puts its results: <c>dist/rpm/TARGET/</c>.</summary>
    private static readonly string Results = Path.Combine("dist", "rpm");

    /// <summary>Every result of every target.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.FileUnreadable"/>: there is none.</exception>
    internal ImmutableArray<string> AllFiles()
    {
        ImmutableArray<string> files =
        [
            .. from target in settings.Targets
               let results = Path.Combine(folder, Results, target.Name)
               where Directory.Exists(results)
               from path in Directory.EnumerateFiles(results, "*.rpm").Order(StringComparer.Ordinal)
               select path,
        ];
        return files.IsEmpty
            ? throw new ReleaseException(Fault.FileUnreadable, $"There is no RPM in '{Path.Combine(folder, Results)}'.") { Remedy = "Build and sign first: dotnet release rpm --sign" }
            : files;
    }

    /// <summary>The repository of a name, or the only one that is filled from here.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryUnknown"/> or <see cref="Fault.SettingsInvalid"/>.</exception>
    internal RepositorySettings Repository(string? name)
    {
        var known = string.Join(", ", settings.Repositories.Select(repository => repository.Name));
        if (name is not null)
        {
            return settings.FindRepository(name)
                ?? throw new ReleaseException(Fault.RepositoryUnknown, $"The settings have no repository '{name}'.")
                {
                    Remedy = known.Length is 0 ? "Add a table [repository.qa] with its url." : $"Known are: {known}.",
                };
        }

        // One that is promoted to gets its packages from another repository, not from here.
        return settings.Repositories.Where(repository => repository.PromoteFrom is null).ToList() switch
        {
            [var only] => only,
            [] => throw new ReleaseException(Fault.RepositoryUnknown, "The settings have no repository to publish to.") { Remedy = "Add a table [repository.qa] with its url." },
            _ => throw new ReleaseException(Fault.RepositoryUnknown, "The settings have several repositories.") { Remedy = $"Name one with --to: {known}." },
        };
    }

    /// <summary>The target of a file: the folder it lies in, as <c>rpm</c> leaves it, or the only target there is.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>.</exception>
    internal TargetSettings TargetOf(string path) =>
        settings.FindTarget(Path.GetFileName(Path.GetDirectoryName(path)!))
        ?? (settings.Targets is [var only]
            ? only
            : throw new ReleaseException(Fault.Usage, $"Nobody says which target '{path}' was built for.")
            {
                Remedy = $"Put it into a folder of the target's name: {string.Join(", ", settings.Targets.Select(target => target.Name))}.",
            });

    /// <summary>Where the packages of a target go.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SettingsInvalid"/>.</exception>
    internal RepositoryPlace PlaceOf(RepositorySettings repository, TargetSettings target)
    {
        if (repository.Layout.Contains("{arch}", StringComparison.Ordinal) && target.Archs.Length is not 1)
        {
            throw new ReleaseException(
                Fault.SettingsInvalid, $"The layout of repository '{repository.Name}' has {{arch}}, and target '{target.Name}' has {target.Archs.Length} of them.", repository.Position);
        }

        var address = new RepositoryAddress(repository.Name, repository.Url.ToPath(folder) ?? repository.Url.Text, repository.Layout, repository.BaseUrl)
        {
            Style = new SnapshotStyle
            {
                Compression = repository.Compression is "zstd" ? MetadataCompression.Zstd : MetadataCompression.Gzip,
                Notices = repository.Updateinfo,
            },
        };
        return RepositoryPlace.Of(address, settings.Project.Name, target.Name, target.Archs[0]);
    }
}
