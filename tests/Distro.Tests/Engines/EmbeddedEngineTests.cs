using DotnetRelease.Distro.Tests.Containers;

namespace DotnetRelease.Distro.Tests.Engines;

/// <summary>The engine of our own.</summary>
[TestClass]
public sealed class EmbeddedEngineTests(TestContext test) : EngineTests(test)
{
    private static readonly TestStore Store = new();
    private static readonly Lazy<EngineWorld> Lazy = new(() => new(Store.Engine));

    private protected override EngineWorld World => Lazy.Value;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_was_tried_is_the_start_of_the_next_container_or_ends_unused()
    {
        var ct = Ct;
        await using var store = new TestStore();
        var engine = store.Engine;

        await using (await engine.TryAsync(ct))
        {
            await using var first = engine.Begin();
            await using var second = engine.Begin();
            Assert.IsTrue(first.ReadyAsync(ct).IsCompletedSuccessfully);
            Assert.AreNotSame(first, second);
            await second.ReadyAsync(ct);
        }

        var unused = await engine.TryAsync(ct);
        await unused.DisposeAsync();
        await using var third = engine.Begin();
        Assert.IsFalse(third.ReadyAsync(ct).IsCompleted);
        await third.ReadyAsync(ct);
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        await Lazy.Value.DisposeAsync();
        await Store.DisposeAsync();
    }
}
