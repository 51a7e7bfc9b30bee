using System.Diagnostics;

namespace DotnetRelease;

/// <summary>
/// A named place where tests can end a run: <c>DOTNET_RELEASE_FAIL_AT=publish.swap:kill</c>. The kinds are <c>kill</c> (the
/// default), <c>eio</c>, <c>enospc</c> and <c>hang</c>, which may be followed by the path of a file to write when it does. What a run does between two such places must survive each of them.
/// </summary>
internal static class FailPoint
{
    private const string Variable = "DOTNET_RELEASE_FAIL_AT";

    /// <summary>Goes on, except when a test asks for a failure exactly here.</summary>
    internal static void At(string step)
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(':') is not [var wanted, .. var kind] || !string.Equals(wanted, step, StringComparison.Ordinal))
        {
            return;
        }

        switch (kind is [var named, ..] ? named : "kill")
        {
            case "eio":
                throw new IOException($"Input/output error (asked for by {Variable})");
            case "enospc":
                throw new IOException($"No space left on device (asked for by {Variable})");
            case "hang":
                if (kind is [_, var marker])
                {
                    File.WriteAllText(marker, step);
                }

                Thread.Sleep(Timeout.Infinite);
                break;
            default:
                using (var self = Process.GetCurrentProcess())
                {
                    self.Kill();
                }

                Thread.Sleep(Timeout.Infinite);
                break;
        }
    }
}
