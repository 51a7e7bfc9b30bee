using DotnetRelease.Fixtures;
using DotnetRelease.Http;
using DotnetRelease.Planning;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

/// <summary>What <c>--locked</c> and <c>--offline</c> refuse before anything is built.</summary>
[TestClass]
public sealed class LockedRunTests(TestContext test)
{
    private const string Image = "registry.example.org/fedora:44";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    public async Task An_image_whose_pin_is_missing_is_refused_and_nobody_is_asked_what_it_means()
    {
        using var scratch = new Scratch();
        var settings = Settings.Parse($"[project]\nname = 'p'\n[target.a]\nimage = '{Image}'", "release.toml");
        var workspace = new Workspace(scratch.Root, settings);
        var question = new ImageQuestion(settings.Targets, ReleaseLock.Empty) { OnlyPinned = true, Resolve = (_, _) => throw new AssertFailedException("asked") };

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => ImagePins.FindAsync(workspace, question, Ct));
        var pinned = await ImagePins.FindAsync(workspace, question with { Pinned = ReleaseLock.Empty.With(Image, Digest.Of("image")) }, Ct);

        Assert.AreEqual(Fault.RootNotLocked, ex.Fault);
        Assert.Contains($"no digest of '{Image}', the image of a", ex.Message, StringComparison.Ordinal);
        Assert.AreEqual(Digest.Of("image"), pinned.Pins[Image].Digest);
    }

    [TestMethod]
    public async Task A_root_that_nobody_noted_is_refused_and_noted_only_once()
    {
        using var scratch = new Scratch();
        var workspace = new Workspace(
            scratch.Root,
            Settings.Parse("[project]\nname = 'p'\n[[rpm]]\nname = 'one'\nspec = 'one.spec'\ntargets = ['a']\n[target.a]\nimage = 'rootfs:a.tar'\narch = ['x86_64']", "release.toml"));
        var pins = new RootPins(workspace);
        var key = new RootKey("a", "x86_64", "one");

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => pins.WishAsync(key, onlyLocked: true, isOffline: false, Ct));
        Assert.AreEqual(Fault.RootNotLocked, ex.Fault);
        Assert.IsNull((await pins.WishAsync(key, onlyLocked: false, isOffline: false, Ct)).Locked);

        var first = Packages("bash-1-1.x86_64");
        await pins.AddAsync(key, first, Ct);
        await pins.AddAsync(key, Packages("bash-2-1.x86_64"), Ct);

        var wish = await pins.WishAsync(key, onlyLocked: true, isOffline: true, Ct);
        Assert.AreEqual(first, wish.Locked);
        Assert.IsTrue(wish is { OnlyLocked: true, Offline: true });
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_closed_door_asks_nobody_and_says_what_was_wanted()
    {
        using var door = new HttpDoor(HttpLimits.Default, new ListReporter()) { IsClosed = true };

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => door.ReadAsync(new HttpAsk(new Uri("https://registry.example.org/v2/")), Ct));

        Assert.AreEqual(Fault.OfflineLacks, ex.Fault);
        Assert.Contains("GET https://registry.example.org/v2/ was not asked, because this run is offline", ex.Message, StringComparison.Ordinal);
    }

    private static RootPackages Packages(string nevra) => RootPackages.Of([new(Nevra.TryParse(nevra, out var parsed) ? parsed : throw new AssertFailedException(nevra), Digest.Of(nevra))]);
}
