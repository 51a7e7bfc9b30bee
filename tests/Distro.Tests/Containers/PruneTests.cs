using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>Unpacked layers and prepared roots go when nobody used them for long, and never under a container.</summary>
[TestClass]
public sealed class PruneTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_a_container_opened_is_in_use_and_old_uses_are_removed_only_when_no_container_runs()
    {
        await using var store = new TestStore();
        var image = store.Image(TestImage.Busybox().Build(), new TarBuilder().File("a", "1").Build());
        var prune = new ImagePrune(
            new ImageStore(store.Places, ContentCache.Open(store.Places), new(() => throw new InvalidOperationException("asked the network")), new ListReporter()) { Logins = RegistryLogins.None },
            store.Engine,
            LastUses.Open(store.Places));
        await using (var container = await store.OpenAsync(image, Ct))
        {
            await container.SaveRootAsync("root", Ct);
            Assert.IsTrue(prune.Plan(DateTimeOffset.UtcNow.AddDays(-30), new HashSet<Digest>()).IsEmpty);
            foreach (var use in Directory.GetFiles(store.Scratch["cache/used"]))
            {
                File.SetLastWriteTimeUtc(use, DateTime.UtcNow.AddDays(-31));
            }

            var plan = prune.Plan(DateTimeOffset.UtcNow.AddDays(-30), new HashSet<Digest>());
            CollectionAssert.AreEquivalent(image.Layers.Select(layer => layer.DiffId).ToArray(), plan.Layers.ToArray());
            CollectionAssert.AreEqual(new[] { "root" }, plan.Roots.ToArray());
            var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => prune.RunAsync(plan, Ct));
            Assert.AreEqual(Fault.LockHeld, failure.Fault);
            Assert.IsTrue(image.Layers.All(layer => store.Engine.HasLayer(layer.DiffId)));
        }

        await using (await store.OpenAsync(image, Ct))
        {
            // Used again: only the root is old still.
        }

        var after = prune.Plan(DateTimeOffset.UtcNow.AddDays(-30), new HashSet<Digest>());
        await prune.RunAsync(after, Ct);

        Assert.IsEmpty(after.Layers);
        Assert.IsFalse(await store.Engine.HasRootAsync("root", Ct));
        Assert.IsTrue(image.Layers.All(layer => store.Engine.HasLayer(layer.DiffId)));
    }
}
