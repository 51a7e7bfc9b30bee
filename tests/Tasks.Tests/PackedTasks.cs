using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tasks.Tests;

/// <summary>The task package as users get it: packed once, then restored from a folder into projects of their own.</summary>
[TestClass]
public static class PackedTasks
{
    private static Scratch? Shared;

    /// <summary>The folder that stands in for a package feed.</summary>
    public static string Feed => Shared!["feed"];

    [AssemblyInitialize]
    public static async Task PackAsync(TestContext test)
    {
        Shared = new Scratch();
        await DotnetAsync(Checkout.Root, test.CancellationToken, "pack", "src/Tasks", "-c", "Release", "-o", Feed, "-v", "quiet", "-nologo");
    }

    /// <summary>Runs the SDK and returns what it printed.</summary>
    public static async Task<string> DotnetAsync(string folder, CancellationToken ct, params string[] arguments)
    {
        var outcome = await RunAsync(folder, ct, arguments);
        Assert.AreEqual(0, outcome.ExitCode, outcome.Output + outcome.Error);
        return outcome.Output;
    }

    /// <summary>Runs the SDK; packages are restored into a folder of this run, never into the user's.</summary>
    public static Task<Outcome> RunAsync(string folder, CancellationToken ct, params string[] arguments) =>
        Exec.RunAsync(new Command("dotnet", [.. arguments]) { WorkingDirectory = folder }.With("DOTNET_CLI_TELEMETRY_OPTOUT", "1").With("MSBUILDDISABLENODEREUSE", "1"), ct);

    /// <summary>A copy of the sample project that restores from <see cref="Feed"/> alone.</summary>
    public static Scratch NewProject()
    {
        var scratch = new Scratch();
        foreach (var file in Directory.EnumerateFiles(Checkout.At("samples", "msbuild")))
        {
            File.Copy(file, scratch[Path.GetFileName(file)]);
        }

        scratch.Write("NuGet.config", FeedConfiguration(scratch["packages"]));
        return scratch;
    }

    /// <summary>Lets a project restore from <see cref="Feed"/> alone, into a folder of its own.</summary>
    public static string FeedConfiguration(string packages) => $"""
        <configuration>
          <config><add key="globalPackagesFolder" value="{packages}" /></config>
          <packageSources><clear /><add key="feed" value="{Feed}" /></packageSources>
        </configuration>
        """;

    /// <summary>Removes the feed.</summary>
    public static void Remove() => Shared?.Dispose();
}
