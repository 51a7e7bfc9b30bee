using System.Collections.Immutable;
using DotnetRelease.Images;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs;

/// <summary>What the image names of a run stand for, and the <c>release.lock</c> that says so tomorrow.</summary>
/// <param name="Pins">By reference as the settings write it.</param>
/// <param name="Lock">The lock to write: with what was looked up now.</param>
/// <param name="Warnings">Names that could not be looked up, one sentence each.</param>
public sealed record ImagePins(ImmutableDictionary<string, ImagePin> Pins, ReleaseLock Lock, ImmutableArray<string> Warnings)
{
    /// <summary>
    /// Finds the digest of every image: the one written in the reference, else the one in the lock, else by asking. Only names in a registry
    /// are locked; a file or folder of this machine is what it is, and its digest is taken each time.
    /// </summary>
    public static async Task<ImagePins> FindAsync(Workspace workspace, ImageQuestion question, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(question);
        var found = await Task.WhenAll(question.Targets
            .DistinctBy(target => target.Image, StringComparer.Ordinal)
            .Select(target => FindAsync(target, Parse(target).RelativeTo(workspace.Folder), question, ct)));
        var written = found.Where(each => each.Looked && each.Pin is not null).Aggregate(question.Pinned, (pins, each) => pins.With(each.Image, each.Pin!.Digest));
        return new(
            found.Where(each => each.Pin is not null).ToImmutableDictionary(each => each.Image, each => each.Pin!, StringComparer.Ordinal),
            written.Only(workspace.Settings),
            [.. found.Select(each => each.Warning).OfType<string>()]);
    }

    private static async Task<FoundImage> FindAsync(TargetSettings target, ImageReference reference, ImageQuestion question, CancellationToken ct)
    {
        var image = target.Image;
        if (reference.WrittenDigest is { } digest)
        {
            return new(image, new(digest, "by its written digest"));
        }

        var isName = reference is RegistryReference;
        if (isName && question.Pinned.Images.TryGetValue(image, out var locked))
        {
            return new(image, new(locked, $"pinned by {ReleaseLock.FileName}"));
        }

        if (isName && question.OnlyPinned)
        {
            throw new ReleaseException(Fault.RootNotLocked, $"--locked: {ReleaseLock.FileName} has no digest of '{image}', the image of {target.Name}.");
        }

        if (question.Resolve is null || (isName && question.OnlyLocal))
        {
            return new(image, null);
        }

        try
        {
            var now = await question.Resolve(reference, ct);
            return new(image, new(now, isName ? $"looked up now and pinned in {ReleaseLock.FileName}" : "as it is on this machine")) { Looked = isName };
        }
        catch (ReleaseException) when (question.OnlyLocal)
        {
            return new(image, null);
        }
        catch (ReleaseException ex) when (question.MayStayOpen)
        {
            return new(image, null) { Warning = $"The image of {target.Name} stays open in this plan: {ex.Message} {ex.Remedy}".TrimEnd() };
        }
    }

    private static ImageReference Parse(TargetSettings target)
    {
        try
        {
            return ImageReference.Parse(target.Image);
        }
        catch (ReleaseException ex)
        {
            throw new ReleaseException(ex.Fault, $"target.{target.Name}: {ex.Message}", target.Position, ex) { Remedy = ex.Remedy };
        }
    }

    /// <param name="Image">As the settings write it.</param>
    /// <param name="Pin">What it stands for, or null.</param>
    private sealed record FoundImage(string Image, ImagePin? Pin)
    {
        /// <summary>A registry was asked just now.</summary>
        public bool Looked { get; init; }

        public string? Warning { get; init; }
    }
}

/// <summary>Which images are to be found, and how.</summary>
/// <param name="Targets">The targets whose images they are.</param>
/// <param name="Pinned">What is known already.</param>
public sealed record ImageQuestion(ImmutableArray<TargetSettings> Targets, ReleaseLock Pinned)
{
    /// <summary>Asks what a reference means now: <see cref="ImageStore.ResolveAsync"/>. Null: nobody may be asked.</summary>
    public Func<ImageReference, CancellationToken, Task<Digest>>? Resolve { get; init; }

    /// <summary>A name in a registry has to be pinned already.</summary>
    public bool OnlyPinned { get; init; }

    /// <summary>Only files and folders of this machine are looked at; what is in a registry stays open unless it is pinned.</summary>
    public bool OnlyLocal { get; init; }

    /// <summary>An image that cannot be found is a warning and not the end: a plan can be read without it.</summary>
    public bool MayStayOpen { get; init; }
}
