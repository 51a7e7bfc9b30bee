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
        var found = await _git.FindObjectsAsync(NamesAt(revision), ct);
        var (commit, blob) = Found(revision, folder, found[0], found[1]);
        return (commit, blob is null ? null : MaintainerList.Parse((await _git.ReadObjectsAsync([blob], ct))[0].Span, commit));
    }

    /// <summary>What to ask git for: the commit of a revision, and the list in it.</summary>
    internal static string[] NamesAt(string revision) => [$"{revision}^{{commit}}", $"{revision}^{{commit}}:./{MaintainerList.FileName}"];

    /// <summary>What git's answer means: id of the commit, and the list as an object that may be read, or null without one.</summary>
    internal static (string Commit, GitObject? Blob) Found(string revision, string folder, GitObject? commit, GitObject? file)
    {
        var id = commit?.Id ?? throw new ReleaseException(Fault.RevisionUnknown, $"'{revision}' names no commit in '{folder}'.") { Remedy = "Name the protected branch: --maintainers origin/main" };
        return file is not { Type: "blob" } ? (id, null)
            : file.Size <= TomlReader.SizeLimit ? (id, file)
            : throw TomlReader.TooLarge(new CommittedFile(id, MaintainerList.FileName).Label, file.Size);
    }

    internal static ReleaseException NobodySays() => new(
        Fault.ProtectedBranchUnknown, "Nobody says which branch has the list of maintainers: origin has no default branch here, and no branch is checked out.")
    {
        Remedy = "Name the protected branch (--maintainers origin/main), or let git ask: git remote set-head origin --auto",
    };
}
