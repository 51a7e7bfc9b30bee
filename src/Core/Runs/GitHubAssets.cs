using System.Collections.Immutable;
using DotnetRelease.GitHub;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>From the settings' patterns, or from named files, to files that are fit to be assets.</summary>
/// <param name="workspace">The project.</param>
internal sealed class GitHubAssets(Workspace workspace)
{
    /// <summary>Where the checksums are written, relative to the settings.</summary>
    internal const string ChecksumsPath = "dist/" + Checksums.FileName;

    private const string SignaturePath = "dist/" + Checksums.SignatureName;

    /// <summary>Checks all, then reads all.</summary>
    /// <param name="named">Full paths; none: the settings' patterns.</param>
    /// <param name="token">What must be in none of them.</param>
    /// <param name="tokenFiles">Files with tokens, which are never assets.</param>
    /// <param name="ct">Ends reading.</param>
    internal async Task<ImmutableArray<AssetFile>> ReadAsync(ImmutableArray<string> named, GitHubToken? token, ImmutableArray<string> tokenFiles, CancellationToken ct)
    {
        var paths = named.IsEmpty ? FromPatterns() : [.. named.Distinct(StringComparer.Ordinal)];
        foreach (var path in paths)
        {
            _ = AssetFile.Check(path);
            if (tokenFiles.FirstOrDefault(file => IsSame(file, path)) is { } revealing)
            {
                throw new ReleaseException(Fault.AssetReveals, $"'{path}' is the token file '{revealing}'. Nothing was uploaded.");
            }
        }

        var files = new AssetFile[paths.Length];
        await Parallel.ForEachAsync(paths.Index(), ct, async (path, stop) =>
            files[path.Index] = await AssetFile.OfAsync(path.Item, each => AssetScan.DigestAsync(each, token, stop)));
        return [.. files.GroupBy(file => file.Name, StringComparer.Ordinal).Select(OnlyOne).OrderBy(file => file.Name, StringComparer.Ordinal)];
    }

    private ImmutableArray<string> FromPatterns()
    {
        var patterns = workspace.Settings.GitHub.Assets;
        if (patterns.IsEmpty)
        {
            throw new ReleaseException(Fault.AssetNotFound, "No file is named, and github.assets of the settings is empty.") { Remedy = "Name the files, or write patterns: assets = [\"dist/rpm/**/*.rpm\"]" };
        }

        var paths = ImmutableArray.CreateBuilder<string>();
        foreach (var text in patterns)
        {
            // Both are written by us, after everything else is known.
            var pattern = new FilePattern(text);
            var found = pattern.FilesBelow(workspace.Folder).Where(path => path != workspace.Resolve(ChecksumsPath) && path != workspace.Resolve(SignaturePath)).ToList();
            if (found.Count is 0 && !pattern.Matches(ChecksumsPath) && !pattern.Matches(SignaturePath))
            {
                throw new ReleaseException(Fault.AssetNotFound, $"The pattern '{text}' of github.assets finds no file below '{workspace.Folder}'.") { Remedy = "Build first, or correct the pattern." };
            }

            paths.AddRange(found);
        }

        return paths.Count > 0
            ? [.. paths.Distinct(StringComparer.Ordinal)]
            : throw new ReleaseException(Fault.AssetNotFound, "github.assets finds nothing but the checksums.") { Remedy = "Build first, or correct the patterns." };
    }

    private static AssetFile OnlyOne(IGrouping<string, AssetFile> same) => same.DistinctBy(file => file.Digest).ToList() is [_, var other, ..]
        ? throw new ReleaseException(Fault.AssetNameRefused, $"'{same.First().Path}' and '{other.Path}' would both be the asset {same.Key}, with different bytes. Nothing was uploaded.")
        {
            Remedy = "A release has one file of a name: rename one of them.",
        }
        : same.First();

    /// <summary>Not the texts of the paths: <c>./token</c>, a link and a second name are the same file too.</summary>
    private static bool IsSame(string one, string other) => FileIdentity.Of(one) is { } identity && FileIdentity.Of(other) is { } its
        ? identity.Device == its.Device && identity.Inode == its.Inode
        : Path.GetFullPath(one) == Path.GetFullPath(other);
}
