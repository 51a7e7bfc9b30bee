namespace DotnetRelease.Tool.Reporting;

/// <summary>What is known about the terminal on stderr.</summary>
internal static class Terminal
{
    /// <summary>A person watches stderr: it is a terminal that can move its cursor, and no CI job.</summary>
    public static bool IsInteractive =>
        !Console.IsErrorRedirected
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb")
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));

    /// <summary>A person can read a question and type an answer.</summary>
    public static bool CanAsk => IsInteractive && !Console.IsInputRedirected;
}
