using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>The kept packages of one distro and version, in the folders in which its package manager looks for them below /var/cache.</summary>
/// <param name="folder">Holds nothing else; it may not be there.</param>
/// <param name="unfinished">For files that are not whole yet, on the same file system.</param>
internal sealed class PackageShelf(string folder, string unfinished)
{
    private const string Inside = "/var/cache";
    private const string Suffix = ".rpm";

    /// <summary>Repositories put packages at most so deep.</summary>
    private const int DepthLimit = 5;

    /// <summary>No package of a distro is larger.</summary>
    private const long SizeLimit = 4L * 1024 * 1024 * 1024;

    /// <summary>Where the package managers keep what they downloaded.</summary>
    private static readonly ImmutableArray<string> Places = ["dnf", "libdnf5", "yum", "zypp/packages"];

    private ILookup<string, string>? _files;

    private ILookup<string, string> Files => _files ??=
        (Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*" + Suffix, SearchOption.AllDirectories) : [])
        .ToLookup(path => Path.GetFileName(path), StringComparer.Ordinal);

    /// <summary>Lays the packages where the package manager of a container looks before it downloads.</summary>
    public async Task OfferAsync(IContainer container, CancellationToken ct)
    {
        if (Files.Count > 0)
        {
            // Copies: a package manager replaces one that is not what its metadata says.
            await container.ReadAsync(
                new Sandbox("sh", "-c", $"mkdir -p {Inside} && cp -R {BuildMacros.Packages}/. {Inside}/") { Volumes = [new Volume(folder, BuildMacros.Packages, ReadOnly: true)] }, ct);
        }
    }

    /// <summary>Takes what a container has downloaded, and clears it out of there: a root is not for keeping packages.</summary>
    public async Task TakeAsync(IContainer container, CancellationToken ct)
    {
        var found = new List<string>();
        foreach (var place in Places)
        {
            await FindAsync(container, place, DepthLimit, found, ct);
        }

        foreach (var path in found)
        {
            await TakeAsync(container, path, ct);
        }

        if (found.Count > 0)
        {
            _files = null;
            var folders = found.Select(path => Path.GetDirectoryName(path)).Distinct(StringComparer.Ordinal).Select(parent => $"'{Inside}/{parent}'/*{Suffix}");
            await container.ReadAsync(new Sandbox("sh", "-c", $"rm -f {string.Join(' ', folders)}"), ct);
        }
    }

    /// <summary>The file of exactly this package, read whole and compared; null when there is none.</summary>
    public async Task<string?> FindAsync(RootPackage package, CancellationToken ct)
    {
        foreach (var path in package.Header is null ? [] : Files[package.Nevra.FileName])
        {
            try
            {
                var file = await RpmFile.ReadAsync(path, ct);
                if (file.HeaderSha256 == package.Header && file.Nevra == package.Nevra)
                {
                    return path;
                }
            }
            catch (ReleaseException)
            {
                // Damaged on this disk, or gone meanwhile: as good as not there.
            }
        }

        return null;
    }

    /// <summary>Says that the packages of a root were used now.</summary>
    public void Touch(RootPackages packages)
    {
        foreach (var path in packages.All.SelectMany(package => Files[package.Nevra.FileName]))
        {
            Storage.LastUses.Touch(path);
        }
    }

    private static async Task FindAsync(IContainer container, string place, int depth, List<string> found, CancellationToken ct)
    {
        ImmutableArray<ContainerEntry> entries;
        try
        {
            entries = await container.ListAsync($"{Inside}/{place}", ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.BuildResultWrong)
        {
            return;
        }

        // What lies in a container has any name; only plain ones become paths of this machine.
        foreach (var entry in entries.Where(entry => entry.Name is [not '.', ..] and { Length: < 256 } && SafeName.IsPlain(entry.Name, "._+~^-:@=%")))
        {
            var path = $"{place}/{entry.Name}";
            if (entry.Kind is ContainerEntryKind.File && entry.Name.EndsWith(Suffix, StringComparison.Ordinal))
            {
                found.Add(path);
            }
            else if (entry.Kind is ContainerEntryKind.Folder && depth > 0)
            {
                await FindAsync(container, path, depth - 1, found, ct);
            }
        }
    }

    private async Task TakeAsync(IContainer container, string path, CancellationToken ct)
    {
        var kept = Path.Combine(folder, path);
        var copy = Path.Combine(unfinished, Guid.NewGuid().ToString("n") + Suffix);
        try
        {
            await using var inside = await container.OpenReadAsync($"{Inside}/{path}", SizeLimit, ct);

            // Most are those that were offered; a package that was signed anew has another size.
            if (File.Exists(kept) && new FileInfo(kept).Length == inside.Length)
            {
                return;
            }

            Directory.CreateDirectory(unfinished);
            await using (var outside = new FileStream(copy, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0))
            {
                await inside.CopyToAsync(outside, ct);
            }

            await RpmFile.ReadAsync(copy, ct);
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            FailPoint.At("packages.keep");
            File.Move(copy, kept, overwrite: true);
        }
        catch (ReleaseException)
        {
            // Half downloaded, or no package at all: the next build gets it from where this one did.
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // A full or read-only disk costs the next build a download and this one nothing.
        }
        finally
        {
            if (File.Exists(copy))
            {
                File.Delete(copy);
            }
        }
    }
}
