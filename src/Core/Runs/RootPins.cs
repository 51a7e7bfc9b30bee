using DotnetRelease.Building;
using DotnetRelease.Planning;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>The build roots in <c>release.lock</c>, for the builds of a run, of which several may be at work.</summary>
/// <param name="workspace">The project.</param>
internal sealed class RootPins(Workspace workspace)
{
    /// <summary>What a build wants of its root.</summary>
    /// <param name="root">Which root.</param>
    /// <param name="onlyLocked">Nothing but what is noted will do.</param>
    /// <param name="isOffline">Nobody may be asked.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.RootNotLocked"/>: nothing is noted, and nothing else will do.</exception>
    public async Task<RootWish> WishAsync(RootKey root, bool onlyLocked, bool isOffline, CancellationToken ct)
    {
        var locked = (await workspace.ReadLockAsync(ct)).Roots.GetValueOrDefault(root);
        return locked is null && onlyLocked
            ? throw new ReleaseException(Fault.RootNotLocked, $"--locked: {ReleaseLock.FileName} has no packages of the build root of {root}.")
            : new RootWish(locked) { OnlyLocked = onlyLocked, Offline = isOffline };
    }

    /// <summary>Notes what a root had that is not in the lock. One that is stays as it is: only <c>lock update</c> renews it.</summary>
    public async Task AddAsync(RootKey root, RootPackages packages, CancellationToken ct)
    {
        using var turn = await FileLock.WaitAsync(workspace.ResolveOwn("pins"), ct);
        var pins = await workspace.ReadLockAsync(ct);
        if (!pins.Roots.ContainsKey(root))
        {
            FailPoint.At("rpm.lock");
            await workspace.WriteLockAsync(pins.With(root, packages).Only(workspace.Settings), ct);
        }
    }
}
