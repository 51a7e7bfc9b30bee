namespace DotnetRelease.Processes;

/// <summary>Whether somebody is there whom gpg's agent could ask for a passphrase. Without anybody it must fail at once, not wait.</summary>
internal static class Terminal
{
    /// <summary>The agent asks where gpg tells it to; gpg cannot see the terminal itself because its input is a pipe from us.</summary>
    internal static Command Announce(Command command) =>
        Environment.GetEnvironmentVariable("GPG_TTY") is null && Name() is { } terminal ? command.With("GPG_TTY", terminal) : command;

    internal static bool IsAttended()
    {
        string[] places = ["GPG_TTY", "DISPLAY", "WAYLAND_DISPLAY"];
        return places.Any(place => Environment.GetEnvironmentVariable(place) is { Length: > 0 }) || Name() is not null;
    }

    internal static string? Name()
    {
        try
        {
            return File.ResolveLinkTarget("/proc/self/fd/0", returnFinalTarget: false)?.FullName is { } path
                && (path.StartsWith("/dev/pts/", StringComparison.Ordinal) || path.StartsWith("/dev/tty", StringComparison.Ordinal)) ? path : null;
        }
        catch (IOException)
        {
            // No /proc here; then the caller has to set GPG_TTY, as gpg's manual says anyway.
            return null;
        }
    }
}
