using System.Diagnostics;

namespace DotnetRelease.Fixtures;

/// <summary>The servers and judges of <c>eng/npm</c>, installed once for all tests.</summary>
public static class NpmPackages
{
    private static readonly Lazy<string> Installed = new(Find);

    /// <summary>Full path of a file below <c>node_modules</c>.</summary>
    public static string At(params string[] path) => Path.Combine([Installed.Value, "node_modules", .. path]);

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_RELEASE_TEST_NPM") is { Length: > 0 } given)
        {
            return given;
        }

        using var process = Process.Start(new ProcessStartInfo(Checkout.At("eng", "npm", "cached")) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var folder = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode is 0 ? folder : throw new InvalidOperationException("eng/npm/cached failed; its words are above.");
    }
}
