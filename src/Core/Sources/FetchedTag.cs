using DotnetRelease.Processes;

namespace DotnetRelease.Sources;

/// <summary>
/// Gets one tag of another repository, with its commit and files and nothing else, into a bare repository in a folder that is thrown away. What comes
/// is believed by nobody before it was checked; nothing of it is run or checked out.
/// </summary>
internal static class FetchedTag
{
    /// <summary>As long as one download may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private static readonly string[] Access = ["Host key verification failed", "Permission denied", "Authentication failed", "could not read Username", "error: 401", "error: 403"];
    private static readonly string[] Advice = ["Please make sure you have the correct access rights", "and the repository exists", "hint:"];

    /// <summary>Fetches.</summary>
    /// <param name="url">https, ssh or file.</param>
    /// <param name="tag">Full name of its ref.</param>
    /// <param name="folder">An empty folder, or one that is not there yet.</param>
    /// <param name="ct">Ends git.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.SourceNotFound"/>, <see cref="Fault.RemoteFailed"/>, <see cref="Fault.RemoteUnauthorized"/> or <see cref="Fault.RemoteStalled"/>.</exception>
    internal static async Task<Git> GetAsync(Uri url, string tag, string folder, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            await Exec.ReadAsync(new Command("git", "init", "--quiet", "--bare", "--template=", folder).With("GIT_CONFIG_NOSYSTEM", "1"), limit.Token);
            var outcome = await Exec.RunAsync(Fetch(url, tag, folder), limit.Token);
            return outcome.ExitCode is 0 ? new Git(folder) { IsUntrusted = true } : throw Failed(url, tag, outcome);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ReleaseException(Fault.RemoteStalled, $"git fetch {url.AbsoluteUri} {tag} -> not done within {Patience.TotalMinutes:0} minutes.");
        }
    }

    private static Command Fetch(Uri url, string tag, string folder) => new Git(folder)
        .Command(
            "-c", "protocol.allow=never", "-c", $"protocol.{url.Scheme}.allow=always", "-c", "gc.auto=0", "-c", "fetch.recurseSubmodules=no",
            "-c", "http.lowSpeedLimit=1024", "-c", "http.lowSpeedTime=30", "-c", "http.followRedirects=initial",
            "fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--", url.AbsoluteUri, $"+{tag}:{tag}")
        .With("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ForwardAgent=no").With("SSH_ASKPASS_REQUIRE", "never");

    private static ReleaseException Failed(Uri url, string tag, Outcome outcome)
    {
        if (Has(outcome, "couldn't find remote ref"))
        {
            return new ReleaseException(Fault.SourceNotFound, $"{url.AbsoluteUri} has no {tag}.") { Remedy = "See what is there: git ls-remote --tags URL. How tags are named says 'tag' in [[rpm.source]]." };
        }

        var what = $"git fetch {url.AbsoluteUri} {tag} -> exit {outcome.ExitCode}: {Said(outcome)}";
        return Array.Exists(Access, sign => Has(outcome, sign))
            ? new ReleaseException(Fault.RemoteUnauthorized, what) { Remedy = $"Nobody is asked for a password or about a host's key here. Do it once by hand: git ls-remote {url.AbsoluteUri}" }
            : new ReleaseException(Fault.RemoteFailed, what) { Remedy = $"Try it by hand: git ls-remote {url.AbsoluteUri}" };
    }

    private static bool Has(Outcome outcome, string sign) => outcome.Error.Contains(sign, StringComparison.Ordinal);

    /// <summary>The last words of git and of what it started, without git's advice.</summary>
    private static string Said(Outcome outcome) => string.Join(' ', outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Where(line => !Array.Exists(Advice, words => line.StartsWith(words, StringComparison.Ordinal))).TakeLast(3));
}
