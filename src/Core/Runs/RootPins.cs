using DotnetRelease.Planning;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>The build roots in <c>release.lock</c>, for the builds of a run, of which several may be at work.</summary>
/// <param name="workspace">The project.</param>
internal sealed class RootPins(Workspace workspace)
{
    /// <summary>The packages that a root has to have; null when nobody noted them yet.</summary>
    public async Task<RootPackages?> FindAsync(RootKey root, CancellationToken ct) => (await workspace.ReadLockAsync(ct)).Roots.GetValueOrDefault(root);

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
