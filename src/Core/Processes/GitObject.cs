using System.Globalization;

namespace DotnetRelease.Processes;

/// <summary>An object of a git repository.</summary>
/// <param name="Id">Full id.</param>
/// <param name="Type"><c>blob</c>, <c>commit</c>, <c>tree</c> or <c>tag</c>.</param>
/// <param name="Size">Bytes of its content.</param>
public sealed record GitObject(string Id, string Type, long Size)
{
    /// <summary>Reads a line of <c>git cat-file --batch-check</c>; null for <c>… missing</c> and <c>… ambiguous</c>.</summary>
    internal static GitObject? TryParse(string line) =>
        line.Split(' ') is [var id, ("blob" or "commit" or "tree" or "tag") and var type, var size]
        && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? new(id, type, bytes)
            : null;
}

/// <summary>A name that a repository gives to an object.</summary>
/// <param name="Name">In full: <c>refs/tags/v1</c>.</param>
/// <param name="Id">Full id of what it names.</param>
/// <param name="Symbolic">The ref that this one only stands for; null for one of its own.</param>
public sealed record GitRef(string Name, string Id, string? Symbolic);

/// <summary>A commit with the parent it is compared to.</summary>
/// <param name="Id">Full id.</param>
/// <param name="FirstParent">Full id; null for a commit without parents.</param>
public sealed record GitCommit(string Id, string? FirstParent);
