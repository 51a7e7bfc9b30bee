namespace DotnetRelease.Processes;

/// <summary>Why gpg did not sign, in words that lead somewhere.</summary>
internal static class GpgFailure
{
    internal static string Reason(Outcome outcome)
    {
        var lines = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !line.StartsWith("[GNUPG:]", StringComparison.Ordinal))
            .Select(line => line.StartsWith("gpg: ", StringComparison.Ordinal) ? line[5..] : line)
            .ToList();
        return lines.Count is 0 ? $"it exited with {outcome.ExitCode} and said nothing" : string.Join("; ", lines).TrimEnd('.');
    }

    internal static string Remedy(string error, string key) => error switch
    {
        var text when Says(text, "No pinentry") || Says(text, "no passphrase") || Says(text, "Inappropriate ioctl") || Says(text, "Operation cancelled") || Says(text, "No passphrase given") =>
            $"Unlock the key where a person can type the passphrase, then run the command again: gpg --local-user {key} --clear-sign /dev/null",
        var text when Says(text, "Bad passphrase") => "Type the passphrase of this key, or unlock it with another tool of your agent.",
        var text when Says(text, "No agent running") || Says(text, "can't connect to the agent") => "Start the agent and look at what it says: gpgconf --launch gpg-agent",
        var text when Says(text, "No secret key") => $"See which secret keys are there: gpg --list-secret-keys {key.TrimEnd('!')}",
        _ => "",
    };

    private static bool Says(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
}
