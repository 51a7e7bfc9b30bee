using System.Collections.Concurrent;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>The breakout corpus (cases.md 28 to 30): whatever a layer tries, nothing outside of its root changes.</summary>
[TestClass]
public sealed class BreakoutTests(TestContext test)
{
    /// <summary>Whoever looks at a hostile tree from inside writes through everything that may be a way out.</summary>
    private const string WriteEverywhere =
        "for each in /x /y /z /h /l /a/b /d/out /q /p /x/* /y/* /z/* /d/out/*; do test -p $each || echo evil > $each; chmod 777 $each; rm -r $each; mkdir -p $each; done 2> /dev/null; true";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Case_28_on_a_fresh_root_each_of_the_corpus_stays_inside_or_is_refused()
    {
        await using var store = new TestStore();
        using var canary = new Canary();
        await canary.PlaceAsync([store.Scratch["victim"], store.Scratch["cache/victim"]], Ct);
        var surprises = new List<string>();
        await using var container = store.Engine.Begin();
        foreach (var each in Breakout.All(canary.Outside))
        {
            var image = store.Image(each.Whole());
            Compare(surprises.Add, each.Name, each.Fresh, await TryAsync(() => container.UnpackAsync(image.Layers[0], Ct)));
            await canary.AssertUntouchedAsync(each.Name, Ct);
        }

        Assert.AreEqual("", string.Join('\n', surprises));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Case_28_above_a_filled_root_each_of_the_corpus_stays_inside_or_is_refused()
    {
        await using var store = new TestStore();
        using var canary = new Canary();
        var filling = Breakout.Filling(canary.Outside);
        await using var shared = store.Engine.Begin();
        await shared.UnpackAsync(store.Image(filling).Layers[0], Ct);

        // The layer that all of them share is a canary too.
        await canary.PlaceAsync([store.Scratch["victim"], Path.Combine(store.Root, "layers", Digest.Of(filling).Hex)], Ct);
        var surprises = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Breakout.All(canary.Outside), new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = Ct }, async (each, ct) =>
        {
            var image = store.Image([filling, .. each.Halves()]);
            var outcome = await TryAsync(async () => await shared.UnpackAsync(image.Layers[1], ct) + await shared.UnpackAsync(image.Layers[2], ct));
            Compare(surprises.Add, each.Name, each.Filled, outcome);
            if (outcome is Breakout.Inside)
            {
                await using var container = await store.OpenAsync(image, ct);
                await FromOutsideAsync(container, ct);
                var inside = await container.ReadAsync(new Sandbox("sh", "-c", WriteEverywhere) { Network = Network.Host }, ct);
                Assert.AreEqual(0, inside.ExitCode, each.Name + inside.Error);
            }

            await canary.AssertUntouchedAsync(each.Name, ct);
        });

        Assert.AreEqual("", string.Join('\n', surprises.Order(StringComparer.Ordinal)));
    }

    public static IEnumerable<object[]> MountPoints() =>
    [
        .. from name in (string[])["dev", "proc", "tmp", "run", "etc", "var", "var/tmp", "dev/shm"] from upper in (bool[])[false, true] select new object[] { name, '2', upper, name is "dev/shm" or "var/tmp" ? Breakout.Inside : "refused" },
        .. from name in (string[])["dev", "proc", "tmp", "run"] select new object[] { name, '0', true, "refused" },
        ["dev", '6', true, "refused"],
        ["etc/resolv.conf", '2', false, Breakout.Inside],
        ["etc/resolv.conf", '2', true, Breakout.Inside],
        ["etc/resolv.conf", '6', true, Breakout.Inside],
        ["etc/resolv.conf", '5', true, "refused"],
    ];

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Case_30_nothing_is_mounted_through_a_link_of_the_image()
    {
        await using var store = new TestStore();
        using var canary = new Canary();
        await canary.PlaceAsync([store.Scratch["victim"]], Ct);
        await Parallel.ForEachAsync(MountPoints(), new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = Ct }, async (row, ct) =>
        {
            var (name, type, upper, expected) = ((string)row[0], (char)row[1], (bool)row[2], (string)row[3]);
            var trap = new TarBuilder().File($"{Path.GetDirectoryName(name)}/.wh.{Path.GetFileName(name)}").Entry(type, name, type is '2' ? canary.Outside + "/dir" : "").Build();
            var image = upper ? store.Image(TestImage.Busybox().Build(), trap) : store.Image(TestImage.Busybox().Entry(type, name, canary.Outside).Build());
            var outcome = await TryAsync(async () =>
            {
                await using var container = await store.OpenAsync(image, ct);
                return (await container.ReadAsync(new Sandbox("true") { Network = Network.Host, ReadOnlyRoot = true }, ct)).Error;
            });

            Assert.AreEqual(expected, outcome is Breakout.Inside ? outcome : "refused", $"{name} {type} {upper}: {outcome}");
            Assert.IsTrue(outcome is Breakout.Inside or "REL2103" or "REL2106", outcome);
            await canary.AssertUntouchedAsync(name, ct);
        });
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task An_ordinary_users_containers_hold_too_and_the_message_says_where_it_was_tried()
    {
        await using var person = await Person.OrdinaryAsync(Ct);
        using var scratch = new Scratch();
        File.SetUnixFileMode(scratch.Root, (UnixFileMode)0b111_101_101);
        using var canary = new Canary();
        await canary.PlaceAsync([scratch["victim"], "/tmp/" + Path.GetFileName(canary.Outside)], Ct);
        var filling = Breakout.Filling(canary.Outside);
        var corpus = Breakout.All(canary.Outside);
        string[] names = ["SymlinkRoot", "SymlinkOverride", "NameUpwards", "HardlinkDirectAbsolute", "HardlinkSymlinkAbsolute", "WhiteoutParent", "WhiteoutThenLink", "OpaqueUpwards"];
        var content = new OciContent();
        var layout = content.WriteLayout(scratch["layout"], [
            Tagged(content, "inside", [filling, .. corpus.Where(each => each.Filled is Breakout.Inside).SelectMany(each => each.Halves())]),
            .. corpus.Where(each => names.Contains(each.Name)).Select(each => Tagged(content, each.Name, [filling, .. each.Halves()])),
        ]);

        var inside = await Exec.RunAsync(person.Tool("run", $"oci:{layout}:inside", "--", "sh", "-c", WriteEverywhere), Ct);
        Assert.AreEqual((0, ""), (inside.ExitCode, inside.Error));
        await canary.AssertUntouchedAsync("inside", Ct);
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = Ct }, async (name, ct) =>
        {
            var refused = await Exec.RunAsync(person.Tool("run", $"oci:{layout}:{name}", "--", "true"), ct);
            Assert.AreEqual(2, refused.ExitCode, name + refused.Error);
            Assert.MatchesRegex($"error REL210[36] : oci:{layout}:{name}: layer [23] of 3 \\(sha256:[0-9a-f]{{64}}\\): ", refused.Error);
        });

        await canary.AssertUntouchedAsync("refused", Ct);
        Assert.HasCount(0, person.Sessions());
    }

    private static string Tagged(OciContent content, string tag, byte[][] layers)
    {
        var diffIds = string.Join(',', layers.Select(layer => $"\"{Digest.Of(layer)}\""));
        var config = $$$"""{"architecture":"{{{Platform.Current.Architecture}}}","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[{{{diffIds}}}]}}""";
        return content.AddManifest(config, layers.Select(layer => content.Add(OciContent.TarLayerType, layer)), OciContent.Tagged(tag));
    }

    private static void Compare(Action<string> surprise, string name, string expected, string outcome)
    {
        if (outcome != expected)
        {
            surprise($"{name}: expected {expected}, got {outcome}");
        }
    }

    /// <summary>The tool's own ways into a tree.</summary>
    private static async Task FromOutsideAsync(Container container, CancellationToken ct)
    {
        foreach (var path in (string[])["/x", "/x/file", "/y/file", "/z/file", "/h", "/l", "/d/out/file", "/etc/passwd", "/etc/resolv.conf"])
        {
            await TryAsync(async () =>
            {
                await using var file = await container.OpenReadAsync(path, 1000, ct);
                Assert.AreNotEqual("untouched", await new StreamReader(file).ReadToEndAsync(ct), $"'{path}' was read from outside");
                return path;
            });
            await TryAsync(async () =>
            {
                await container.CopyInAsync("/etc/hostname", path, executable: true, ct);
                return path;
            });
            await TryAsync(async () => $"{(await container.ListAsync(path, ct)).Length}");
        }
    }

    private static async Task<string> TryAsync(Func<Task<string>> unpack)
    {
        try
        {
            await unpack();
            return Breakout.Inside;
        }
        catch (ReleaseException ex)
        {
            return ex.Fault.Id;
        }
    }
}
