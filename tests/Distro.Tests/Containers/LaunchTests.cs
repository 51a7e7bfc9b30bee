using DotnetRelease.Containers;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>Whom a command runs as, where, in what of a tree, and what its exit code says: as podman has it.</summary>
[TestClass]
public sealed class LaunchTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Users_are_those_of_the_image_and_need_no_program_of_it()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(
            new TarBuilder().Folder("etc").Link("etc/passwd", "../usr/passwd").Folder("usr").File("usr/passwd", "builder:x:1000:1001::/home/b:\n").File("etc/group", "wheel:x:10:builder\n"), Ct);
        var who = new Sandbox("sh", "-c", "echo $(id -u) $(id -g) $(id -G) $HOME; grep ^CapEff /proc/self/status; touch /made || stat -c %u:%g /dev/shm/made /tmp");

        var named = await container.ReadAsync(who with { User = "builder" }, Ct);
        var numbered = await container.ReadAsync(who.With("HOME", "/elsewhere") with { User = "5:7" }, Ct);
        var unknown = await container.ReadAsync(who with { User = "nobody" }, Ct);
        var impossible = await container.ReadAsync(who with { User = "4000000000" }, Ct);

        Assert.StartsWith("1000 1001 1001 10 /home/b\nCapEff:\t0000000000000000\n", named.Output, StringComparison.Ordinal);
        Assert.StartsWith("5 7 7 /elsewhere\n", numbered.Output, StringComparison.Ordinal);
        Assert.AreEqual((126, "", "[container] cannot run as user 'nobody': the image has no user 'nobody' in /etc/passwd\n"), (unknown.ExitCode, unknown.Output, unknown.Error));
        Assert.AreEqual((126, ""), (impossible.ExitCode, impossible.Output));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_images_own_folder_is_made_and_a_missing_one_that_was_asked_for_is_a_mistake()
    {
        await using var store = new TestStore();
        var image = store.Image(TestImage.Busybox().Build());
        image = image with { Config = image.Config with { WorkingDirectory = "/srv/work" } };
        await using var container = await store.OpenAsync(image, Ct);
        var where = new Sandbox("sh", "-c", "pwd; touch here");

        Assert.AreEqual("/srv/work\n", (await container.ReadAsync(where, Ct)).Output);
        Assert.AreEqual("/etc\n", (await container.ReadAsync(where with { WorkingDirectory = "/etc" }, Ct)).Output);
        var missing = await container.ReadAsync(where with { WorkingDirectory = "/no/such" }, Ct);
        Assert.AreEqual((126, "[container] cannot start in the folder '/no/such': No such file or directory\n"), (missing.ExitCode, missing.Error));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_read_only_root_has_places_for_passing_files_and_its_own_name()
    {
        await using var store = new TestStore();
        using var ours = new Scratch();
        await using var container = await store.OpenAsync(new TarBuilder().Folder("run").File("run/of-the-image", "x"), Ct);
        var sandbox = new Sandbox("sh", "-c", "hostname; for i in / /etc /usr /var /run /tmp /var/tmp /dev/shm /run/volume; do touch $i/x 2> /dev/null && echo $i; done; ls /run; stat -c %a /run /tmp /var/tmp /dev/shm")
        {
            ReadOnlyRoot = true,
            Hostname = "builder-1.example",
            Volumes = [new(ours.Root, "/run/volume", ReadOnly: false)],
        };

        var locked = await container.ReadAsync(sandbox, Ct);
        var after = await container.ReadAsync(new Sandbox("sh", "-c", "ls /run; touch /etc/x && echo open"), Ct);

        Assert.AreEqual("builder-1.example\n/run\n/tmp\n/var/tmp\n/dev/shm\n/run/volume\nvolume\nx\n755\n1777\n1777\n1777\n", locked.Output, locked.Error);
        Assert.AreEqual("of-the-image\nopen\n", after.Output);
        Assert.IsTrue(File.Exists(ours["x"]));
    }

    /// <summary>The session of unschroot and sbuild: what a command with a network installed, one without it finds, now and in a later container.</summary>
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Commands_of_one_container_have_networks_of_their_own_and_what_they_made_can_be_kept()
    {
        await using var store = new TestStore();
        var image = store.Image(TestImage.Busybox().Build());
        var script = new Sandbox("sh", "-c", "readlink /proc/self/ns/net; cat /installed 2> /dev/null");
        string[] networks;
        await using (var first = await store.OpenAsync(image, Ct))
        {
            await first.ReadAsync(new Sandbox("sh", "-c", "echo yes > /installed") { Network = Network.Host }, Ct);
            await first.SaveRootAsync("installed", Ct);
            await first.ReadAsync(new Sandbox("sh", "-c", "echo no > /installed; touch /discarded"), Ct);
            networks = [(await first.ReadAsync(script with { Network = Network.Host }, Ct)).Output, (await first.ReadAsync(script, Ct)).Output, (await first.ReadAsync(script, Ct)).Output];
        }

        await using var second = await store.OpenAsync(image, Ct, "installed");
        var kept = await second.ReadAsync(new Sandbox("sh", "-c", "cat /installed; ls /discarded 2> /dev/null"), Ct);

        Assert.AreEqual(new FileInfo("/proc/self/ns/net").LinkTarget + "\nno\n", networks[0]);
        Assert.AreNotEqual(networks[0], networks[1]);
        Assert.AreEqual("yes\n", kept.Output);
    }
}
