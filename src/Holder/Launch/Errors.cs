namespace DotnetRelease.Holder.Launch;

/// <summary>Numbers of errno(3) that decide how a launch goes on.</summary>
internal static class Errors
{
    internal const int NoSuchFile = 2;
    internal const int Denied = 13;
    internal const int NotAFolder = 20;
}
