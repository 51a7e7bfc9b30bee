using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Tasks.Tests;

/// <summary>A distro to build RPMs in, and places of this test run in which it is unpacked once.</summary>
internal static class DistroRoot
{
    private static readonly Lazy<Task<string>> LazyTar = new(FindAsync);
    private static readonly Lazy<Places> LazyPlaces = new(MakePlaces);

    /// <summary>The tar of the root.</summary>
    public static Task<string> Tar => LazyTar.Value;

    /// <summary>Cache and data folder.</summary>
    public static Places Places => LazyPlaces.Value;

    private static async Task<string> FindAsync() => Environment.GetEnvironmentVariable("DOTNET_RELEASE_TEST_DISTRO") is { Length: > 0 } path
        ? path
        : (await Exec.ReadAsync(new Command(Checkout.At("eng", "distro", "cached")), CancellationToken.None)).Output.Trim();

    private static Places MakePlaces()
    {
        var folder = Leftovers.NewFolder();
        var places = new Places(Path.Combine(folder, "cache"), Path.Combine(folder, "data"));

        // An ordinary user cannot remove what belongs to the container's other ids; only a container can.
        Leftovers.BeforeRemoval(() => new EmbeddedEngine(places).PruneAsync(_ => false, _ => false, CancellationToken.None));
        return places;
    }
}
