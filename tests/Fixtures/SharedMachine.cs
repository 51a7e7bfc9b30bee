using DotnetRelease.Containers;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Fixtures;

/// <summary>What the build tests share: the distro root, and places in which it is unpacked and prepared once.</summary>
public static class SharedMachine
{
    private static readonly Lazy<Task<string>> LazyDistro = new(FindDistroAsync);
    private static readonly Lazy<Places> LazyPlaces = new(MakePlaces);

    /// <summary>The tar of the distro root.</summary>
    public static Task<string> Distro => LazyDistro.Value;

    /// <summary>Cache and data folder of this test run.</summary>
    public static Places Places => LazyPlaces.Value;

    private static async Task<string> FindDistroAsync() => Environment.GetEnvironmentVariable("DOTNET_RELEASE_TEST_DISTRO") is { Length: > 0 } path
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
