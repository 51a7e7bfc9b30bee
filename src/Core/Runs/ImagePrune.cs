using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Building;
using DotnetRelease.Containers;
using DotnetRelease.Images;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>What <c>image prune</c> would remove.</summary>
/// <param name="Images">Images and their packed files.</param>
/// <param name="Layers">Unpacked layers, by diff_id.</param>
/// <param name="Roots">Prepared roots.</param>
public sealed record ImagePrunePlan(ExpiredImages Images, ImmutableArray<Digest> Layers, ImmutableArray<string> Roots)
{
    /// <summary>Packages that package managers downloaded.</summary>
    public ImmutableArray<CachedPackage> Packages { get; init; } = [];

    /// <summary>Packed bytes that come free; those of unpacked files are not known from outside.</summary>
    public long Bytes => Images.Blobs.Values.Sum() + Packages.Sum(package => package.Size);

    /// <summary>Whether there is nothing to remove.</summary>
    public bool IsEmpty => Images.Expired.IsEmpty && Layers.IsEmpty && Roots.IsEmpty && Packages.IsEmpty;

    /// <summary>One line for each thing.</summary>
    public IEnumerable<string> Actions =>
    [
        .. Images.Expired.Select(each => string.Create(CultureInfo.InvariantCulture, $"remove the image {each.Image.Reference} ({each.Image.Platform}), last used {each.Used:yyyy-MM-dd}")),
        .. Images.Blobs.OrderBy(blob => blob.Key).Select(blob => string.Create(CultureInfo.InvariantCulture, $"delete the download {blob.Key}, {blob.Value / 1e6:0.0} MB")),
        .. Layers.Select(layer => $"remove the unpacked layer {layer}"),
        .. Roots.Select(root => $"remove the prepared root {root}"),
        .. Packages.Select(package => string.Create(CultureInfo.InvariantCulture, $"delete the package {package.Distro}/{Path.GetFileName(package.Path)}, {package.Size / 1e6:0.0} MB")),
    ];
}

/// <summary>
/// Removes images, unpacked layers, prepared roots and downloaded packages that nobody used for long. What a container uses, what is pinned and what an image has
/// that stays is left alone; everything else is filled again when it is needed.
/// </summary>
/// <param name="images">What was pulled.</param>
/// <param name="engine">What was unpacked and prepared.</param>
/// <param name="uses">When.</param>
/// <param name="mayWrite">False in a dry run, which notes nothing.</param>
public sealed class ImagePrune(ImageStore images, EmbeddedEngine engine, LastUses uses, bool mayWrite = true)
{
    /// <summary>Who does not use an image for so long does not want it.</summary>
    public const int DefaultDays = 30;

    /// <summary>Packages that package managers downloaded; null: none are looked at.</summary>
    public PackageCache? Packages { get; init; }

    /// <summary>File names of packages that stay.</summary>
    public IReadOnlySet<string> PinnedPackages { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Looks. What was never seen in use counts as used now.</summary>
    /// <param name="before">What was used before this moment goes.</param>
    /// <param name="pinned">Digests of images that stay.</param>
    public ImagePrunePlan Plan(DateTimeOffset before, IReadOnlySet<Digest> pinned)
    {
        var expired = images.FindExpired(before, pinned);
        return new(
            expired,
            [.. engine.Layers().Where(layer => !expired.Kept.Contains(layer) && IsOld(EmbeddedEngine.UseOfLayer(layer), before))],
            [.. engine.Roots().Where(root => IsOld(EmbeddedEngine.UseOfRoot(root), before))])
        {
            Packages = Packages?.FindExpired(before, PinnedPackages.Contains) ?? [],
        };
    }

    /// <summary>Does what a plan says; unpacked files first, because a container that runs ends it there.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.LockHeld"/> while a container runs; nothing was removed then.</exception>
    public async Task RunAsync(ImagePrunePlan plan, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(plan);
        FailPoint.At("image-prune.store");
        var layers = plan.Layers.ToHashSet();
        var roots = plan.Roots.ToHashSet(StringComparer.Ordinal);
        await engine.PruneAsync(layer => !layers.Contains(layer), root => !roots.Contains(root), ct);
        foreach (var use in plan.Layers.Select(EmbeddedEngine.UseOfLayer).Concat(plan.Roots.Select(EmbeddedEngine.UseOfRoot)))
        {
            uses.Forget(use);
        }

        FailPoint.At("image-prune.images");
        images.Remove(plan.Images);
        FailPoint.At("image-prune.packages");
        foreach (var package in plan.Packages)
        {
            File.Delete(package.Path);
        }
    }

    private bool IsOld(string use, DateTimeOffset before)
    {
        if (uses.Find(use) is { } used)
        {
            return used < before;
        }

        // From before uses were noted: it gets its days from now on.
        if (mayWrite)
        {
            uses.Record(use);
        }

        return before > DateTimeOffset.UtcNow;
    }
}
