using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>Files go in and out of a container's tree, and what it installed can be kept.</summary>
[TestClass]
public sealed class TreeTests(TestContext test)
{
    private const string Missing = "missing";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_file_that_a_command_made_can_be_read_and_one_of_ours_can_be_put_in()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);
        var ours = store.Scratch.Write("ours", "from outside");

        await container.CopyInAsync(ours, "/root/ours", executable: true, Ct);
        Assert.AreEqual(0, await RunAsync(container, "test -x /root/ours && cat /root/ours > /root/made && chmod 600 /root/made && chown 9:9 /root/made"));
        await using var made = await container.OpenReadAsync("/root/made", 1000, Ct);

        Assert.AreEqual("from outside", await new StreamReader(made).ReadToEndAsync(Ct));
        CollectionAssert.AreEqual(
            new ContainerEntry[] { new("made", ContainerEntryKind.File), new("ours", ContainerEntryKind.File) }, (await container.ListAsync("/root", Ct)).ToArray());
    }

    [TestMethod]
    [DataRow("/link", DisplayName = "a link")]
    [DataRow("/folder/link/x", DisplayName = "below a link")]
    [DataRow("/fifo", DisplayName = "a FIFO, which would wait for ever")]
    [DataRow("/folder", DisplayName = "a folder")]
    [DataRow("/large", DisplayName = "larger than allowed")]
    [DataRow("/../../../../etc/passwd", DisplayName = "above the root")]
    [DataRow("/" + Missing, DisplayName = "nothing")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Only_regular_files_come_out(string path)
    {
        await using var store = new TestStore();
        var layer = new TarBuilder().Link("link", "/etc/passwd").Folder("folder").Link("folder/link", "/etc").Entry('6', "fifo").File("large", new string('x', 2000)).File("etc/x");
        await using var container = await store.OpenAsync(layer, Ct);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.OpenReadAsync(path, 1000, Ct));

        Assert.AreEqual(Fault.BuildResultWrong, failure.Fault, failure.Message);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_link_in_the_tree_is_not_written_through()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder().Link("link", "/etc/passwd"), Ct);

        await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.CopyInAsync(store.Scratch.Write("ours", "x"), "/link", executable: false, Ct));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_prepared_root_is_kept_whole_and_others_start_above_it()
    {
        await using var store = new TestStore();
        var image = store.Image(TestImage.Busybox().Folder("old").File("old/file").Build());
        Assert.IsFalse(await store.Engine.HasRootAsync("first", Ct));
        await using (var container = await store.OpenAsync(image, Ct))
        {
            Assert.AreEqual(0, await RunAsync(container, "echo 1 > /one; chown 33:33 /one; rm -r /old; mkdir /old; echo 2 > /old/new"));
            await container.SaveRootAsync("first", Ct);
            Assert.AreEqual(0, await RunAsync(container, "echo 3 > /three"));
            await container.SaveRootAsync("second", Ct);
            Assert.AreEqual(0, await RunAsync(container, "echo 4 > /four"));
        }

        Assert.IsTrue(await store.Engine.HasRootAsync("first", Ct) && await store.Engine.HasRootAsync("second", Ct));
        Assert.AreEqual("/old/new /one", await NamesAsync(store, image, "first"));
        Assert.AreEqual("/old/new /one /three", await NamesAsync(store, image, "first", "second"));
        Assert.AreEqual("/old/file", await NamesAsync(store, image));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Of_two_that_keep_the_same_root_one_wins_and_both_go_on()
    {
        await using var store = new TestStore();
        var image = store.Image(TestImage.Busybox().Build());
        await using var one = await store.OpenAsync(image, Ct);
        await using var other = await store.OpenAsync(image, Ct);
        await RunAsync(one, "echo 1 > /one");
        await RunAsync(other, "echo 1 > /one");

        await Task.WhenAll(one.SaveRootAsync("same", Ct), other.SaveRootAsync("same", Ct));

        Assert.AreEqual(0, await RunAsync(one, "test -e /one"));
        Assert.AreEqual(0, await RunAsync(other, "test -e /one"));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_root_that_is_not_there_is_a_fault()
    {
        await using var store = new TestStore();

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => store.OpenAsync(store.Image(TestImage.Busybox().Build()), Ct, Missing));

        Assert.AreEqual(Fault.ContainerFailed, failure.Fault);
        Assert.Contains(Missing, failure.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("../layers")]
    [DataRow("")]
    [DataRow("a/b")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_key_is_one_plain_name(string key)
    {
        await using var store = new TestStore();

        Assert.ThrowsExactly<ArgumentException>(() => { _ = store.Engine.HasRootAsync(key, Ct); });
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Nothing_is_pruned_while_a_container_is_open()
    {
        await using var store = new TestStore();
        var image = store.Image(TestImage.Busybox().Build());
        await using (var container = await store.OpenAsync(image, Ct))
        {
            var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => store.Engine.PruneAsync(_ => false, _ => false, Ct));
            Assert.AreEqual(Fault.LockHeld, failure.Fault);
        }

        Assert.AreEqual(0, await store.Engine.PruneAsync(diffId => diffId == image.Layers[0].DiffId, _ => false, Ct));
        Assert.AreEqual(1, await store.Engine.PruneAsync(_ => false, _ => false, Ct));
        Assert.IsFalse(store.Engine.HasLayer(image.Layers[0].DiffId));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Folders_nested_deeper_than_any_path_are_removed_with_the_container()
    {
        await using var store = new TestStore();
        await using (var container = await store.OpenAsync(new TarBuilder(), Ct))
        {
            Assert.AreEqual(0, await RunAsync(container, "i=0; while [ $i -lt 3000 ]; do mkdir d && cd -P d || exit 1; i=$((i+1)); done; touch file"));
        }

        CollectionAssert.AreEqual(Array.Empty<string>(), Directory.GetFileSystemEntries(Path.Combine(store.Root, "sessions")));
    }

    private async Task<string> NamesAsync(TestStore store, Image image, params string[] roots)
    {
        await using var container = await store.OpenAsync(image, Ct, roots);
        var outcome = await container.ReadAsync(new Sandbox("sh", "-c", "echo $(ls -d /old/* /one /three /four 2>/dev/null)"), Ct);
        return outcome.Output.TrimEnd();
    }

    private Task<int> RunAsync(Container container, string script) => container.RunAsync(new Sandbox("sh", "-c", script), _ => { }, Ct);
}
