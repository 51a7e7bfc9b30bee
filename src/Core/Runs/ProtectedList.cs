using DotnetRelease.Processes;
using DotnetRelease.Tags;
using DotnetRelease.Toml;

namespace DotnetRelease.Runs;

/// <summary>Finds the list of maintainers where only the project can change it: on the default branch of <c>origin</c>, else on the branch that is checked out.</summary>
/// <param name="folder">Full path of the settings' folder; the list lies there.</param>
internal sealed class ProtectedList(string folder)
{
    internal const string OriginHead = "refs/remotes/origin/HEAD";
    private readonly Git _git = new(folder) { IsUntrusted = true };

    /// <summary>Whether the folder is in a git work tree; without one there is no list and nobody to protect it from.</summary>
    internal bool HasRepository
    {
        get
        {
            for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
            {
                if (Path.Exists(Path.Combine(at, ".git")))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Full name of the ref whose list counts, or null when nobody can say.</summary>
    internal async Task<string?> FindRevisionAsync(CancellationToken ct) =>
        (await _git.FindRefsAsync([OriginHead], ct)).IsEmpty ? await _git.CurrentBranchAsync(ct) : OriginHead;

    /// <summary>The list at a revision; null where there is none.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RevisionUnknown"/>, and what reading the list does.</exception>
    internal async Task<(string Commit, MaintainerList? List)> ReadAsync(string revision, CancellationToken ct)
    {
        var found = await _git.FindObjectsAsync([$"{revision}^{{commit}}", $"{revision}^{{commit}}:./{MaintainerList.FileName}"], ct);
        var commit = found[0]?.Id ?? throw new ReleaseException(Fault.RevisionUnknown, $"'{revision}' names no commit in '{folder}'.") { Remedy = "Name the protected branch: --maintainers origin/main" };
        if (found[1] is not { Type: "blob" } blob)
        {
            return (commit, null);
        }

        return blob.Size <= TomlReader.SizeLimit
            ? (commit, MaintainerList.Parse((await _git.ReadObjectsAsync([blob], ct))[0].Span, commit))
            : throw TomlReader.TooLarge($"{commit}:{MaintainerList.FileName}", blob.Size);
    }

    internal static ReleaseException NobodySays() => new(
        Fault.ProtectedBranchUnknown, "Nobody says which branch has the list of maintainers: origin has no default branch here, and no branch is checked out.")
    {
        Remedy = "Name the protected branch (--maintainers origin/main), or let git ask: git remote set-head origin --auto",
    };
}
