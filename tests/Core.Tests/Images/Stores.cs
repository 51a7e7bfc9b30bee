using DotnetRelease.Fixtures;
using DotnetRelease.Http;
using DotnetRelease.Images;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Images;

/// <summary>Opens stores below a test's own folder. Each is like a new process: it remembers only what is on disk.</summary>
internal static class Stores
{
    internal static HttpLimits Impatient { get; } = new()
    {
        Connect = TimeSpan.FromSeconds(2),
        Headers = TimeSpan.FromSeconds(5),
        Idle = TimeSpan.FromSeconds(5),
        Total = TimeSpan.FromSeconds(20),
        FirstWait = TimeSpan.FromMilliseconds(5),
        LongestWait = TimeSpan.FromSeconds(2),
    };

    internal static ImageWish Here { get; } = new(Platform.Current);

    /// <summary>A store of somebody who is logged in.</summary>
    internal static ImageStore Open(Scratch scratch, RegistryLogins logins, RegistryRules? rules = null, ListReporter? reporter = null)
    {
        var listener = reporter ?? new ListReporter();
        return new(Places(scratch), ContentCache.Open(Places(scratch)), new Lazy<HttpDoor>(() => new HttpDoor(Impatient, listener)), listener)
        {
            Logins = logins,
            Rules = new(rules ?? RegistryRules.None),
        };
    }

    internal static ImageStore Open(Scratch scratch, IReporter? reporter = null, Func<Digest, bool>? isUnpacked = null, Func<ImageLayer, CancellationToken, Task>? layerHere = null)
    {
        var listener = reporter ?? new ListReporter();
        return new(Places(scratch), ContentCache.Open(Places(scratch)), new Lazy<HttpDoor>(() => new HttpDoor(Impatient, listener)), listener)
        {
            Logins = RegistryLogins.None,
            IsUnpacked = isUnpacked ?? (_ => false),
            LayerHere = layerHere ?? ((_, _) => Task.CompletedTask),
        };
    }

    /// <summary>A store that must not ask anybody.</summary>
    internal static ImageStore OpenOffline(Scratch scratch, Func<Digest, bool>? isUnpacked = null) =>
        new(Places(scratch), ContentCache.Open(Places(scratch)), new Lazy<HttpDoor>(() => throw new InvalidOperationException("asked the network")), new ListReporter())
        {
            Logins = RegistryLogins.None,
            IsUnpacked = isUnpacked ?? (_ => false),
        };

    private static Places Places(Scratch scratch) => new(scratch["cache"], scratch["data"]);

    internal static Task<Image> PullAsync(this ImageStore store, string reference, CancellationToken ct, Digest? pinned = null) =>
        store.PullAsync(ImageReference.Parse(reference), Here with { Pinned = pinned }, ct);

    internal static async Task<ReleaseException> RefusesAsync(this ImageStore store, string reference, CancellationToken ct, Digest? pinned = null) =>
        await Assert.ThrowsExactlyAsync<ReleaseException>(() => store.PullAsync(reference, ct, pinned));

    /// <summary>Every file below the cache that has a final name and is a blob.</summary>
    internal static string[] CachedBlobs(Scratch scratch) =>
        Directory.Exists(scratch["cache/content"]) ? [.. Directory.EnumerateFiles(scratch["cache/content"]).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)] : [];
}
