using DotnetRelease.Images;

namespace DotnetRelease.Runs;

/// <summary>The digests of images that a project relies on.</summary>
public static class PinnedImages
{
    /// <summary>Those of <c>release.lock</c>, and those written in <c>release.toml</c>; none outside a project.</summary>
    /// <param name="folder">Full path of the folder the user works in.</param>
    /// <param name="config">Path of a settings file relative to it, or null.</param>
    /// <param name="ct">Ends reading.</param>
    public static async Task<IReadOnlySet<Digest>> FindAsync(string folder, string? config, CancellationToken ct)
    {
        if (await Workspace.TryOpenAsync(folder, config, ct) is not { } workspace)
        {
            return new HashSet<Digest>();
        }

        var written = workspace.Settings.Targets.Select(target => ImageReference.Parse(target.Image).WrittenDigest).OfType<Digest>();
        return (await workspace.ReadLockAsync(ct)).Images.Values.Concat(written).ToHashSet();
    }
}
