namespace DotnetRelease.Rpm;

/// <summary>The one way this room says that bytes are no RPM.</summary>
internal static class Malformed
{
    internal static ReleaseException Rpm(string path, string why, string remedy = "Build or download the file again.") =>
        new(Fault.RpmMalformed, $"'{path}' is not a readable RPM: {why}.") { Remedy = remedy };
}
