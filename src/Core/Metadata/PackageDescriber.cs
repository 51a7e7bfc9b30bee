using System.Collections.Immutable;
using DotnetRelease.Rpm;

namespace DotnetRelease.Metadata;

/// <summary>
/// Says about an RPM what createrepo_c says about it: the same fields, the same dependencies left out, the same ten changelog
/// entries. Reads the two headers only.
/// </summary>
internal static class PackageDescriber
{
    /// <summary>createrepo_c's default; clients show no more.</summary>
    private const int MostChanges = 10;

    /// <summary>Describes one package.</summary>
    /// <param name="package">Its headers.</param>
    /// <param name="file">Digest and size of the file, and where in the repository it will lie.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: a text has characters that XML cannot hold.</exception>
    internal static PackageDescription Describe(RpmPackage package, RepositoryFile file)
    {
        var safe = new XmlSafe(package.Path);
        return new PackageDescription
        {
            Nevra = package.Nevra,
            File = file,
            Summary = safe.Text(package.Summary, "summary"),
            Description = safe.Text(package.Description, "description"),
            Packager = safe.Text(package.Packager, "packager"),
            Url = safe.Text(package.Url, "URL"),
            License = safe.Text(package.License, "license"),
            Vendor = safe.Text(package.Vendor, "vendor"),
            Group = safe.Text(package.Group, "group"),
            BuildHost = safe.Text(package.BuildHost, "build host"),
            SourceRpm = safe.Text(package.SourceRpm, "source package"),
            BuildTime = package.BuildTime?.ToUnixTimeSeconds() ?? 0,
            InstalledSize = (long)package.InstalledSize,
            ArchiveSize = (long)package.ArchiveSize,
            HeaderRange = (package.Header.Offset, package.Header.End),
            Relations = DependencyReader.Read(package, safe),
            Files = Files(package, safe),
            Changes = Changes(package, safe),
        };
    }

    private static ImmutableArray<PackageFile> Files(RpmPackage package, XmlSafe safe) =>
    [
        .. from file in package.Files
           let kind = file.IsDirectory ? PackageFileKind.Folder : file.IsGhost ? PackageFileKind.Ghost : PackageFileKind.File
           select new PackageFile(safe.Text(file.Path, "list of files"), kind),
    ];

    /// <summary>
    /// The newest entries, oldest first. Entries of one day get times that rise by a second, because clients sort by time.
    /// </summary>
    private static ImmutableArray<PackageChange> Changes(RpmPackage package, XmlSafe safe)
    {
        var newestFirst = package.Changelog;
        var changes = ImmutableArray.CreateBuilder<PackageChange>(MostChanges);
        long olderTime = -1;
        for (var at = Math.Min(newestFirst.Length, MostChanges) - 1; at >= 0; at--)
        {
            var (time, author, text) = newestFirst[at];
            var clashes = changes.Count > 0 && time >= olderTime && time <= changes[^1].Time;
            changes.Add(new PackageChange(
                WithoutTrailingSpaces(safe.Text(author, "changelog")), clashes ? changes[^1].Time + 1 : time, safe.Text(text, "changelog")));
            olderTime = time;
        }

        return changes.DrainToImmutable();
    }

    private static string WithoutTrailingSpaces(string author) => author.Length > 1 ? author[0] + author[1..].TrimEnd(' ') : author;
}
