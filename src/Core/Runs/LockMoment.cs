using DotnetRelease.Processes;

namespace DotnetRelease.Runs;

/// <summary>One commit that touched a lockfile.</summary>
/// <param name="Commit">The commit and its first parent.</param>
/// <param name="Path">Where the lock is in it, relative to the folder.</param>
internal sealed record LockMoment(GitCommit Commit, string Path)
{
    /// <summary>Where the lock was in the parent, when the commit moved it.</summary>
    public string OldPath { get; init; } = Path;

    /// <summary>The lock in the parent; null when it was not there.</summary>
    public GitObject? Before { get; init; }

    /// <summary>The lock in the commit; null when it is not there.</summary>
    public GitObject? After { get; init; }
}
