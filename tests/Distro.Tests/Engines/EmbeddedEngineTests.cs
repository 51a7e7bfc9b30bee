using DotnetRelease.Distro.Tests.Containers;

namespace DotnetRelease.Distro.Tests.Engines;

/// <summary>The engine of our own.</summary>
[TestClass]
public sealed class EmbeddedEngineTests(TestContext test) : EngineTests(test)
{
    private static readonly TestStore Store = new();
    private static readonly Lazy<EngineWorld> Lazy = new(() => new(Store.Engine));

    private protected override EngineWorld World => Lazy.Value;

    [ClassCleanup]
    public static async Task EndAsync()
    {
        await Lazy.Value.DisposeAsync();
        await Store.DisposeAsync();
    }
}
