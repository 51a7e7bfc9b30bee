using DotnetRelease.Building;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>rpm --shell-on-failure</c>: a person looks around where a build has failed.</summary>
internal static class FailureShell
{
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>: nobody could type into the shell, or stdout is for JSON.</exception>
    public static void RequireTerminal(Session session)
    {
        if (session.Json)
        {
            throw new ReleaseException(Fault.Usage, "--shell-on-failure and --json exclude each other: the shell's output goes to stdout.") { Remedy = "Leave out one of them." };
        }

        if (Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            throw new ReleaseException(Fault.Usage, "--shell-on-failure needs a terminal, and standard input or output is none; nothing was done.")
            {
                Remedy = "Leave out --shell-on-failure; the end of a failed step's log is printed anyway.",
            };
        }
    }

    /// <summary>Says what has happened and what can be done, and opens the shell.</summary>
    public static async Task OpenAsync(FailedBuild build, CancellationToken ct)
    {
        await Console.Error.WriteLineAsync($"""
            {build.Failure.Transcript}
            {build.Failure.Message}

            This is a shell where {build.Name} failed: its files as they are now, its variables, and no network.
              spec     {build.Spec}
              sources  {FailedBuild.Sources}
              again    eval "${FailedBuild.AgainVariable}"
              leave    exit, or Ctrl-D; what you change in here is gone then
            """);
        await build.OpenShellAsync(ct);
    }
}
