using DotnetRelease.Images;

namespace DotnetRelease.Runs;

/// <summary>What a project relies on.</summary>
/// <param name="Images">Digests of images: those of <c>release.lock</c>, and those written in <c>release.toml</c>.</param>
/// <param name="Packages">File names of the packages of its build roots.</param>
public sealed record Pinned(IReadOnlySet<Digest> Images, IReadOnlySet<string> Packages);

/// <summary>The images and packages that a project relies on.</summary>
public static class PinnedImages
{
    /// <summary>Those of the project; none outside of one.</summary>
    /// <param name="folder">Full path of the folder the user works in.</param>
    /// <param name="config">Path of a settings file relative to it, or null.</param>
    /// <param name="ct">Ends reading.</param>
    public static async Task<Pinned> FindAsync(string folder, string? config, CancellationToken ct)
    {
        if (await Workspace.TryOpenAsync(folder, config, ct) is not { } workspace)
        {
            return new(new HashSet<Digest>(), new HashSet<string>(StringComparer.Ordinal));
        }

        var written = workspace.Settings.Targets.Select(target => ImageReference.Parse(target.Image).WrittenDigest).OfType<Digest>();
        var pins = await workspace.ReadLockAsync(ct);
        return new(
            pins.Images.Values.Concat(written).ToHashSet(),
            pins.Roots.Values.SelectMany(root => root.All).Select(package => package.Nevra.FileName).ToHashSet(StringComparer.Ordinal));
    }
}
