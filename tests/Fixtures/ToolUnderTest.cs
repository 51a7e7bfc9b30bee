namespace DotnetRelease.Fixtures;

/// <summary>
/// The tool that tests start as a process. The whole suite starts it a thousand times and so publishes it first as users get it, compiled
/// ahead; a single test takes the one that was built beside it.
/// </summary>
public static class ToolUnderTest
{
    /// <summary>What <c>dotnet</c> runs.</summary>
    public static string Assembly { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("DOTNET_RELEASE_TEST_TOOL") is { Length: > 0 } folder ? folder : AppContext.BaseDirectory, "dotnet-release.dll");
}
