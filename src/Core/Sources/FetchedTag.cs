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

    /// <summary>Fetches.</summary>
    /// <param name="url">https, ssh or file.</param>
    /// <param name="tag">Full name of its ref.</param>
    /// <param name="folder">An empty folder, or one that is not there yet.</param>
    /// <param name="ct">Ends git.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.SourceNotFound"/>, <see cref="Fault.RemoteFailed"/> or <see cref="Fault.RemoteStalled"/>.</exception>
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
        var words = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.Exists(words, line => line.Contains("couldn't find remote ref", StringComparison.Ordinal))
            ? new ReleaseException(Fault.SourceNotFound, $"{url.AbsoluteUri} has no {tag}.") { Remedy = "See what is there: git ls-remote --tags URL. How tags are named says 'tag' in [[rpm.source]]." }
            : new ReleaseException(Fault.RemoteFailed, $"git fetch {url.AbsoluteUri} {tag} -> exit {outcome.ExitCode}: {string.Join(' ', words.TakeLast(3))}");
    }
}
