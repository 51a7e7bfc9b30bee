using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Images;

/// <summary>What nobody used for long goes; what somebody needs stays, above all when both share a layer.</summary>
[TestClass]
public sealed class ImagePruneTests(TestContext test)
{
    private static readonly byte[] Base = OciContent.Tar("base", new string('b', 5000));

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task An_image_that_was_not_used_for_30_days_goes_with_its_files_and_leaves_what_it_shared()
    {
        using var scratch = new Scratch();
        await using var world = await World.PullAsync(scratch, Ct);
        Age(scratch, "old", days: 31);

        var plan = world.Plan();
        var files = Stores.CachedBlobs(scratch).Length;
        await world.Prune.RunAsync(plan, Ct);

        Assert.AreEqual($"{world.Host}/old:1", plan.Images.Expired.Single().Image.Reference);
        Assert.HasCount(3, plan.Images.Blobs);
        Assert.HasCount(files - 3, Stores.CachedBlobs(scratch));
        Assert.Contains(Digest.Of(OciContent.Gzip(Base)).Hex, Stores.CachedBlobs(scratch));
        CollectionAssert.AreEqual(new[] { $"{world.Host}/new:1" }, world.Store.List().Select(pulled => pulled.Image.Reference).ToArray());
        Assert.IsTrue(world.Plan().IsEmpty);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Using_an_image_keeps_it_and_so_does_a_pin()
    {
        using var scratch = new Scratch();
        await using var world = await World.PullAsync(scratch, Ct);
        Age(scratch, "old", days: 31);
        Age(scratch, "new", days: 31);
        await Stores.OpenOffline(scratch, _ => true).UseAsync(ImageReference.Parse($"{world.Host}/new:1"), Stores.Here, Ct);
        var pinned = world.Store.List().Single(pulled => pulled.Image.Reference.Contains("/old", StringComparison.Ordinal)).Image.Digest;

        Assert.IsTrue(world.Plan(pinned).IsEmpty);
        Assert.AreEqual($"{world.Host}/old:1", world.Plan().Images.Expired.Single().Image.Reference);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task An_image_that_is_used_between_plan_and_deed_stays_whole()
    {
        using var scratch = new Scratch();
        await using var world = await World.PullAsync(scratch, Ct);
        Age(scratch, "old", days: 31);
        var plan = world.Plan();
        var files = Stores.CachedBlobs(scratch);
        await Stores.OpenOffline(scratch, _ => true).UseAsync(ImageReference.Parse($"{world.Host}/old:1"), Stores.Here, Ct);

        await world.Prune.RunAsync(plan, Ct);

        CollectionAssert.AreEqual(files, Stores.CachedBlobs(scratch));
        Assert.HasCount(2, world.Store.List());
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Nothing_is_removed_while_an_image_is_being_pulled_and_what_the_new_one_has_stays()
    {
        using var scratch = new Scratch();
        await using var world = await World.PullAsync(scratch, Ct);
        Age(scratch, "old", days: 31);
        var plan = world.Plan();
        var file = scratch.Write("image.tar", ImageArchives.Docker("a:1", Base).Build());
        ReleaseException? refused = null;
        var store = Stores.Open(scratch, layerHere: (_, _) =>
        {
            refused ??= Assert.ThrowsExactly<ReleaseException>(() => world.Store.Remove(plan.Images));
            return Task.CompletedTask;
        });

        await store.PullAsync($"docker-archive:{file}", Ct);
        await Stores.Open(scratch).PullAsync($"{world.Host}/again@{plan.Images.Expired[0].Image.Digest}", Ct);
        var files = Stores.CachedBlobs(scratch);
        world.Store.Remove(plan.Images);

        Assert.AreEqual(Fault.LockHeld, refused!.Fault);
        CollectionAssert.AreEqual(files, Stores.CachedBlobs(scratch));
        Assert.DoesNotContain($"{world.Host}/old:1", world.Store.List().Select(pulled => pulled.Image.Reference).ToList());
    }

    [TestMethod]
    public async Task Layers_of_an_archive_that_was_not_used_for_long_go_too()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("image.tar", ImageArchives.Docker("a:1", Base).Build());
        await Stores.OpenOffline(scratch).PullAsync($"docker-archive:{file}", Ct);
        var note = Directory.GetFiles(scratch["cache/images/archives"], "*.json", SearchOption.AllDirectories).Single();
        File.SetLastWriteTimeUtc(note, DateTime.UtcNow.AddDays(-31));
        var store = Stores.OpenOffline(scratch);

        store.Remove(store.FindExpired(DateTimeOffset.UtcNow.AddDays(-30), new HashSet<Digest>()));

        Assert.IsEmpty(Stores.CachedBlobs(scratch));
        Assert.IsTrue(File.Exists(file));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Sizes_tell_what_images_share()
    {
        using var scratch = new Scratch();
        await using var world = await World.PullAsync(scratch, Ct);
        var images = world.Store.List().Select(pulled => pulled.Image).ToList();
        var sharing = new ImageSharing(images);
        var shared = OciContent.Gzip(Base).Length;

        foreach (var image in images)
        {
            Assert.AreEqual(shared, sharing.Shared(image));
            Assert.AreEqual($"{images.Single(other => other != image).Reference} {Platform.Current}", sharing.With(image, image.Layers[0]).Single());
            Assert.IsEmpty(sharing.With(image, image.Layers[1]));
        }

        Assert.AreEqual(images.Sum(image => image.PackedSize) - shared, sharing.Total);
    }

    [TestMethod]
    public async Task The_pins_of_a_project_are_its_locked_and_its_written_digests_and_its_locked_packages()
    {
        using var scratch = new Scratch();
        scratch.Write("release.toml", $"[project]\nname = \"p\"\n[target.a]\nimage = \"r.example/a@{Digest.Of("written")}\"\n[target.b]\nimage = \"r.example/b:1\"\n");
        scratch.Write("release.lock", $"version = 2\n[images]\n\"r.example/b:1\" = \"{Digest.Of("locked")}\"\n[roots.a.x86_64.common]\n\"bash-1:5-1.x86_64\" = \"\"\n[roots.a.x86_64.rpm.p]\n");

        var pinned = await PinnedImages.FindAsync(scratch.Root, null, Ct);

        CollectionAssert.AreEquivalent(new[] { Digest.Of("written"), Digest.Of("locked") }, pinned.Images.ToArray());
        Assert.AreEqual("bash-5-1.x86_64.rpm", pinned.Packages.Single());
    }

    [TestMethod]
    public void A_use_is_noted_once_an_hour_and_a_folder_that_cannot_be_written_does_no_harm()
    {
        using var scratch = new Scratch();
        var uses = new LastUses(scratch["used"]);
        Assert.IsNull(uses.Find("layer"));
        uses.Record("layer");
        var (recent, old) = (DateTime.UtcNow.AddMinutes(-30), DateTime.UtcNow.AddDays(-3));
        File.SetLastWriteTimeUtc(scratch["used/layer"], recent);
        uses.Record("layer");
        Assert.AreEqual(recent, uses.Find("layer")!.Value.UtcDateTime);
        File.SetLastWriteTimeUtc(scratch["used/layer"], old);
        uses.Record("layer");
        Assert.IsGreaterThan(recent, uses.Find("layer")!.Value.UtcDateTime);

        new LastUses(scratch.Write("file", "")).Record("layer");
        uses.Forget("layer");
        Assert.IsNull(uses.Find("layer"));
    }

    private static void Age(Scratch scratch, string repository, int days)
    {
        var note = Directory.GetFiles(scratch["cache/images/names"], "*.json", SearchOption.AllDirectories).Single(path => path.Contains($"/{repository}/", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(note, DateTime.UtcNow.AddDays(-days));
    }

    /// <summary>Two images with a base in common, pulled just now.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly FakeRegistry _registry = new();
        private readonly Places _places;

        private World(Scratch scratch)
        {
            _places = new Places(scratch["cache"], scratch["data"]);
            Store = Stores.Open(scratch);
        }

        internal ImageStore Store { get; }

        internal string Host => _registry.Host;

        internal ImagePrune Prune => new(Store, new EmbeddedEngine(_places), LastUses.Open(_places));

        internal static async Task<World> PullAsync(Scratch scratch, CancellationToken ct)
        {
            var world = new World(scratch);
            foreach (var name in new[] { "old", "new" })
            {
                world._registry.Tag("1", world._registry.Content.AddImage(Base, OciContent.Tar(name, name)));
                await world.Store.PullAsync($"{world.Host}/{name}:1", ct);
            }

            return world;
        }

        internal ImagePrunePlan Plan(params Digest[] pinned) => Prune.Plan(DateTimeOffset.UtcNow.AddDays(-30), pinned.ToHashSet());

        public ValueTask DisposeAsync() => _registry.DisposeAsync();
    }
}
