using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>Takes the lock of a dead run away from a repository that no kernel unlocks.</summary>
/// <param name="workspace">The project.</param>
public sealed class UnlockRun(Workspace workspace)
{
    /// <summary>Looks for the lock in every repository of the settings that is not a folder, and gives the places it was taken away from.</summary>
    /// <param name="token">As the refusal has told it; no other lock has it.</param>
    /// <param name="dryRun">Only name the places that would be asked.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.LockHeld"/>: its owner lives on this machine. <see cref="Fault.Usage"/>: no place has it.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(string token, bool dryRun, CancellationToken ct)
    {
        var places = Places().ToList();
        if (dryRun)
        {
            return [.. places.Select(place => place.ToString())];
        }

        foreach (var place in places)
        {
            await using var store = place.Open();
            if (await store.BreakLockAsync(token, ct))
            {
                return [store.Name];
            }
        }

        throw new ReleaseException(Fault.Usage, $"No repository of the settings has the lock '{token}'.") { Remedy = "Run again what was refused; when the lock is still there, the message names it." };
    }

    private IEnumerable<StoreAddress> Places()
    {
        var targets = new PublishTargets(workspace.Settings, workspace.Folder);
        return from repository in workspace.Settings.Repositories
               from target in workspace.Settings.Targets
               let store = targets.PlaceOf(repository, target).Store
               where !store.IsLocal
               select store;
    }
}
