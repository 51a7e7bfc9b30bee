using DotnetRelease.Processes;

namespace DotnetRelease.Repositories.Git;

/// <summary>What the last words of git and git-lfs mean for whoever has to do something about them.</summary>
internal static class GitFailure
{
    private static readonly string[] Raced = ["non-fast-forward", "fetch first", "cannot lock ref", "stale info", "incorrect old value"];
    private static readonly string[] Protected = ["protected branch", "GH006", "pre-receive hook declined", "hook declined", "not allowed to push", "deny updating", "branch is currently checked out"];
    private static readonly string[] Objects = ["GH008", "LFS objects are missing", "missing LFS", "does not exist", "Unable to find", "object not found", "[404]"];
    private static readonly string[] Space = ["quota", "over its data", "insufficient storage", "507", "413", "too large", "exceeds"];
    private static readonly string[] Access = ["Authentication failed", "could not read Username", "Permission denied", "Authorization", "401", "403", "Host key verification failed"];

    /// <summary>Of a push of objects or of a branch. Nothing is ever forced, so nothing was changed.</summary>
    internal static ReleaseException OfPush(GitAddress address, string branch, Outcome outcome)
    {
        var (words, said) = (outcome.Error + outcome.Output, Last(outcome));
        return words switch
        {
            _ when Has(words, Raced) => new ReleaseException(Fault.RepositoryMoved, $"Branch '{branch}' of {address.Remote} was changed by somebody else meanwhile; nothing was pushed over it ({said})."),
            _ when Has(words, Protected) => new ReleaseException(Fault.StoreRefused, $"{address.Remote} does not take pushes to branch '{branch}' ({said}).")
            {
                Remedy = "Publish through a pull request: add pull-request=true to the repository's url.",
            },
            _ when Has(words, Space) => new ReleaseException(Fault.StoreRefused, $"{address.LfsUrl} has no room for the packages ({said}).") { Remedy = "Look at the storage and transfer limits of Git LFS there." },
            _ when Has(words, Objects) => new ReleaseException(Fault.StoreRefused, $"{address.LfsUrl} misses an object that the commit names ({said}).")
            {
                Remedy = "Find out who pushed a pointer without its object: git lfs fsck. Then push the object from a clone that has it: git lfs push --object-id origin OID.",
            },
            _ => Of(address, outcome),
        };
    }

    /// <summary>Of anything else that talks to the remote.</summary>
    internal static ReleaseException Of(GitAddress address, Outcome outcome) => Has(outcome.Error, Access)
        ? new ReleaseException(Fault.StoreUnreachable, $"{address.Remote} did not let us in ({Last(outcome)}).")
        {
            Remedy = $"Nobody is asked for a password here. See what git says by hand: git ls-remote {address.Remote}",
        }
        : new ReleaseException(Fault.StoreUnreachable, $"{address.Remote} could not be reached or ended the connection ({Last(outcome)}).")
        {
            Remedy = $"Try it by hand: git ls-remote {address.Remote}. Then run the command again; it starts from what is there.",
        };

    private static bool Has(string words, string[] signs) => signs.Any(sign => words.Contains(sign, StringComparison.OrdinalIgnoreCase));

    private static string Last(Outcome outcome)
    {
        const int lines = 4, enough = 400;
        var words = string.Join("; ", (outcome.Error + "\n" + outcome.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => !line.StartsWith("hint:", StringComparison.Ordinal)).TakeLast(lines));
        return words.Length > enough ? words[^enough..] : words.TrimEnd('.');
    }
}
