using DotnetRelease.Processes;

namespace DotnetRelease.Repositories.Git;

/// <summary>What the last words of git and git-lfs mean for whoever has to do something about them.</summary>
internal static class GitFailure
{
    private static readonly string[] Raced = ["non-fast-forward", "fetch first", "cannot lock ref", "stale info", "incorrect old value"];
    private static readonly string[] Protected = ["protected branch", "GH006", "pre-receive hook declined", "hook declined", "not allowed to push", "deny updating", "branch is currently checked out"];
    private static readonly string[] Objects = ["GH008", "LFS objects are missing", "missing LFS", "does not exist", "Unable to find", "object not found", "[404]"];
    private static readonly string[] Space = ["quota", "over its data", "insufficient storage", "disk is full", "no space left", "HTTP 507", "[507]", "HTTP 413", "[413]", "too large", "larger than", "exceeds"];
    private static readonly string[] Access = ["Authentication failed", "could not read Username", "Permission denied", "Authorization", "HTTP 401", "[401]", "error: 401", "HTTP 403", "[403]", "error: 403", "Host key verification failed"];

    private static readonly string[] Line = ["batch request:", "dial tcp", "connection refused", "connection reset", "no such host", "timeout", "EOF", "x509:", "exit status"];
    private static readonly string[] Noise = ["hint:", "Uploading LFS objects", "Downloading LFS objects", "Errors logged to", "Use `git lfs logs"];

    /// <summary>git-lfs ends well when a server answers an upload with 422, and only says so: the object is not there.</summary>
    internal static bool IsUpload(Outcome outcome) => outcome.ExitCode is 0 && !outcome.Error.Contains("Uploading failed", StringComparison.Ordinal);

    /// <summary>Of a push of objects. A server's own words come without its status, so what is not known is a refusal: it was reached and did not take them.</summary>
    internal static ReleaseException OfObjects(GitAddress address, Outcome outcome) => (outcome.Error + outcome.Output) switch
    {
        var words when Has(words, Space) => NoRoom(address, outcome),
        var words when Has(words, Access) || Has(words, Line) => Of(address, outcome),
        _ => new ReleaseException(Fault.StoreRefused, $"{address.LfsUrl} did not take the packages ({(outcome.ExitCode is 0 ? "it answered an upload with 422" : Said(outcome))}); the branch was not touched.")
        {
            Remedy = "Look at what the LFS server says: rights, limits, or a failure of its own. Then run the command again; it starts from what is there.",
        },
    };

    /// <summary>Of a push of a branch. Nothing is ever forced, so nothing was changed.</summary>
    internal static ReleaseException OfPush(GitAddress address, string branch, Outcome outcome)
    {
        var (words, said) = (outcome.Error + outcome.Output, Said(outcome));
        return words switch
        {
            _ when Has(words, Raced) => new ReleaseException(Fault.RepositoryMoved, $"Branch '{branch}' of {address.Remote} was changed by somebody else meanwhile; nothing was pushed over it ({said})."),
            _ when Has(words, Protected) => new ReleaseException(Fault.StoreRefused, $"{address.Remote} does not take pushes to branch '{branch}' ({said}).")
            {
                Remedy = "Publish through a pull request: add pull-request=true to the repository's url.",
            },
            _ when Has(words, Space) => NoRoom(address, outcome),
            _ when Has(words, Objects) => new ReleaseException(Fault.StoreRefused, $"{address.LfsUrl} misses an object that the commit names ({said}).")
            {
                Remedy = "Find out who pushed a pointer without its object: git lfs fsck. Then push the object from a clone that has it: git lfs push --object-id origin OID.",
            },
            _ => Of(address, outcome),
        };
    }

    /// <summary>Of anything else that talks to the remote.</summary>
    internal static ReleaseException Of(GitAddress address, Outcome outcome) => Has(outcome.Error, Access)
        ? new ReleaseException(Fault.StoreUnreachable, $"{address.Remote} did not let us in ({Said(outcome)}).")
        {
            Remedy = $"Nobody is asked for a password here. See what git says by hand: git ls-remote {address.Remote}",
        }
        : new ReleaseException(Fault.StoreUnreachable, $"{address.Remote} could not be reached or ended the connection ({Said(outcome)}).")
        {
            Remedy = $"Try it by hand: git ls-remote {address.Remote}. Then run the command again; it starts from what is there.",
        };

    /// <summary>The last words, without progress and advice.</summary>
    internal static string Said(Outcome outcome)
    {
        const int lines = 4, enough = 400;
        var words = string.Join("; ", (outcome.Error + "\n" + outcome.Output).Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !Noise.Any(noise => line.StartsWith(noise, StringComparison.Ordinal))).Distinct(StringComparer.Ordinal).TakeLast(lines));
        return words.Length > enough ? words[^enough..] : words.TrimEnd('.');
    }

    private static bool Has(string words, string[] signs) => signs.Any(sign => words.Contains(sign, StringComparison.OrdinalIgnoreCase));

    private static ReleaseException NoRoom(GitAddress address, Outcome outcome) =>
        new(Fault.StoreRefused, $"{address.LfsUrl} has no room for the packages ({Said(outcome)}).") { Remedy = "Look at the storage and transfer limits of Git LFS there." };
}
