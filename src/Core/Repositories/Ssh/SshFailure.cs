namespace DotnetRelease.Repositories.Ssh;

/// <summary>What the last words of ssh mean for whoever has to do something about them.</summary>
internal static class SshFailure
{
    internal static ReleaseException Of(SshAddress address, string words, Exception ex)
    {
        var said = Last(words);
        if (words.Contains("HOST IDENTIFICATION HAS CHANGED", StringComparison.Ordinal) || words.Contains("Host key verification failed", StringComparison.Ordinal)
            || words.Contains("host key is known for", StringComparison.Ordinal))
        {
            return new ReleaseException(Fault.StoreUnreachable, $"The key of host '{address.Host}' is not the one that is known for it, so nothing was sent to it ({said}).", inner: ex)
            {
                Remedy = $"Ask its administrator for the fingerprint. When the new key is right, remove the old one with 'ssh-keygen -R {address.Host}', and sign in once by hand to compare and accept the new one.",
            };
        }

        if (words.Contains("Permission denied", StringComparison.Ordinal) || words.Contains("Too many authentication failures", StringComparison.Ordinal))
        {
            return new ReleaseException(Fault.StoreUnreachable, $"Host '{address.Host}' did not let us in ({said}).", inner: ex)
            {
                Remedy = $"Nobody is asked for a password here. Load the key into the agent with ssh-add, and try: {address.ByHand()}",
            };
        }

        return new ReleaseException(Fault.StoreUnreachable, $"The connection to '{address.Host}' failed or ended ({(said.Length > 0 ? said : ex.Message.TrimEnd('.'))}).", inner: ex)
        {
            Remedy = $"Try it by hand: {address.ByHand()}. Then run the command again; it goes on from what is there.",
        };
    }

    private static string Last(string words)
    {
        const int enough = 300;
        var line = words.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";
        return line.Length > enough ? line[^enough..] : line.TrimEnd('.');
    }
}
