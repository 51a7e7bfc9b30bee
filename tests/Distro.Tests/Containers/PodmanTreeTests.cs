using System.Text;
using DotnetRelease.Distro.Tests.Engines;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>
/// podman's tree of an image is ours: every path, type, mode, owner, number of links, time, target and digest. Compared as root, because
/// only root's podman shows a tree with the image's own ids.
/// </summary>
[TestClass]
public sealed class PodmanTreeTests(TestContext test)
{
    /// <summary>
    /// What a sandbox mounts over is left out. Folders have no times here: those that an archive does not name have the time of their
    /// making. Digests are MD5, because nobody attacks here and busybox takes long for better. The root folder is left out too, because podman gives it the mode 555 whatever the layer says.
    /// </summary>
    private const string List = """
        cd "$1" || exit
        seen='( -path ./dev -o -path ./proc -o -path ./tmp ) -prune -o'
        set -f
        {
            $2 find . -xdev $seen -type d ! -path . -exec $2 stat -c '%N|%F|%a|%u:%g' {} +
            $2 find . -xdev $seen ! -type d -exec $2 stat -c '%N|%F|%a|%u:%g|%s|%h|%Y' {} +
            $2 find . -xdev $seen -type f -exec $2 md5sum {} +
        } | $2 sort > "$3"
        """;

    private static readonly string Busybox = ((string[])["/bin/busybox", "/usr/bin/busybox"]).First(File.Exists);

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Of_the_distro()
    {
        RequireRoot();
        using var podman = new PodmanHome();
        var distro = await SharedMachine.Distro;
        await CompareAsync(podman, async () =>
        {
            await podman.ReadAsync("import", "--quiet", distro, "localhost/distro:1");
            return "localhost/distro:1";
        }, $"rootfs:{distro}", 5000);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Of_layers_with_everything_that_a_layer_can_say()
    {
        RequireRoot();
        using var podman = new PodmanHome();
        using var scratch = new Scratch();
        byte[][] layers = [Lower(), Middle(), Upper()];
        var content = new OciContent();
        var diffIds = string.Join(',', layers.Select(layer => $"\"{Digest.Of(layer)}\""));
        var config = $$$"""{"architecture":"{{{Platform.Current.Architecture}}}","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[{{{diffIds}}}]}}""";
        var manifest = content.AddManifest(config, layers.Select(layer => content.Add(OciContent.GzipLayerType, OciContent.Gzip(layer))), OciContent.Tagged("all"));
        await Exec.ReadAsync(new Command("tar", "-C", content.WriteLayout(scratch["layout"], manifest), "-cf", scratch["all.tar"], "."), Ct);
        var image = $"oci-archive:{scratch["all.tar"]}";

        var (theirs, ours) = await CompareAsync(podman, async () => (await podman.ReadAsync("pull", "--quiet", image)).Trim(), image, 60);

        Assert.Contains("gone-and-back", theirs, StringComparison.Ordinal);
        foreach (var absent in (string[])["./gone|", "./a/old", "./b/old", "./b/sub", "./twice/one", "./twice/two", ".wh."])
        {
            Assert.DoesNotContain(absent, ours, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Of_an_image_that_podman_built()
    {
        RequireRoot();
        using var podman = new PodmanHome();
        using var scratch = new Scratch();
        scratch.Write("context/busybox", await File.ReadAllBytesAsync(Busybox, Ct));
        File.SetUnixFileMode(scratch["context/busybox"], (UnixFileMode)0b111_101_101);
        scratch.Write("context/Containerfile", """
            FROM scratch
            COPY busybox /bin/busybox
            RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin; mkdir -p /data/sub /gone /kept; echo one > /data/one; ln /data/one /data/twin; mkfifo /data/fifo; chown 7:8 /data/sub; echo x > /gone/x; echo x > /kept/x"]
            RUN ["/bin/busybox", "sh", "-c", "rm -r /gone; mv /data/sub /data/moved; ln -s ../nowhere /data/link; rm /data/twin /kept/x; chmod 4755 /data/one; rm -r /kept; mkdir /kept; echo y > /kept/y"]
            RUN ["/bin/busybox", "sh", "-c", "dd if=/dev/zero of=/holes bs=1 count=1 seek=5000000 2> /dev/null; mkdir /gone; echo again > /gone/y; chmod 1777 /data; chown 9:9 /bin/busybox"]
            """);
        await podman.ReadAsync("build", "--quiet", "--network", "none", "--tag", "localhost/built:1", scratch["context"]);
        await podman.ReadAsync("save", "--quiet", "--format", "oci-archive", "--output", scratch["built.tar"], "localhost/built:1");

        var (_, ours) = await CompareAsync(podman, () => Task.FromResult("localhost/built:1"), $"oci-archive:{scratch["built.tar"]}", 100);

        Assert.Contains("./gone/y|", ours, StringComparison.Ordinal);
        Assert.DoesNotContain("./gone/x|", ours, StringComparison.Ordinal);
    }

    private static byte[] Lower()
    {
        var deep = string.Join('/', Enumerable.Repeat("a-folder-with-a-name", 12));
        return TestImage.Busybox()
            .Folder("a", 0b111_000_000, owner: 3).File("a/old").File("a/kept", "kept", 0b110_000_000, owner: 4).Folder("b").File("b/old").Folder("b/sub").File("b/sub/old")
            .Folder("c").File("c/x").File("d", "a file").File("gone").File("gone-and-back", "1").Folder("twice").File("twice/one")
            .File("one", "linked").HardLink("two", "one").HardLink("a/three", "two").Link("absolute", "/etc/passwd").Link("relative", "../a").Link("dangling", "nowhere").HardLink("twin-of-link", "dangling")
            .File("suid", "s", Convert.ToInt32("4755", 8), owner: 65_534).File("sgid", "s", Convert.ToInt32("2755", 8)).Folder("sticky", Convert.ToInt32("3777", 8), owner: 9).Entry('6', "fifo", mode: Convert.ToInt32("622", 8), owner: 5)
            .Pax(("path", deep + "/pax"), ("mtime", "1500000000.123456789"), ("uid", "12"), ("gid", "13")).File("short", "p")
            .Extension('L', Encoding.ASCII.GetBytes(deep + "/gnu\0")).File("short", "g").Extension('K', Encoding.ASCII.GetBytes(deep + "/gnu\0")).Link("long-target", "x")
            .File("latin-\xe9", "l").File("control-\x01\x1b\n", "c").Link("to-latin", "latin-\xe9")
            .Pax(("SCHILY.xattr.user.note", "kept")).File("noted", "n").File("link-then-file").Link("link-then-folder", "a").Folder("folder-then-link").File("folder-then-link/x")
            .Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "holes"), ("GNU.sparse.realsize", "3000000"))
            .File("GNUSparseFile.0/holes", [.. "2\n1000000\n5\n2000000\n6\n"u8, .. new byte[512 - 22], .. "fivebsixbyt"u8])
            .Build();
    }

    private static byte[] Middle() => new TarBuilder()
        .File("a/.wh.old").Folder("b", 0b111_101_000, owner: 8).File("b/new", "n").File("b/.wh..wh..opq").File(".wh.gone").File(".wh.gone-and-back")
        .File("c", "now a file").Folder("d").File("d/below", "now a folder").File("twice/.wh..wh..opq").File("twice/two").Link("link-then-file", "a").Folder("link-then-folder").File("link-then-folder/x")
        .Link("folder-then-link", "a").File("new/implicit/folders/f", "f").Build();

    private static byte[] Upper() => new TarBuilder()
        .File("twice/.wh..wh..opq").File("twice/three").File("gone-and-back", "2").Folder("a", 0b101_101_101, owner: 30).File("link-then-file", "file").File("a/one", "up").HardLink("a/two", "a/one")
        .File(".wh.suid").File("suid", "plain").Build();

    /// <returns>Both lists, which are the same bytes.</returns>
    private async Task<(string Theirs, string Ours)> CompareAsync(PodmanHome podman, Func<Task<string>> theirImage, string ourImage, int fewest)
    {
        using var scratch = new Scratch();
        var lists = scratch.Folder("lists");
        scratch.Write("lists/script", List);
        await using var person = Person.Us();
        await Task.WhenAll(TheirsAsync(podman, theirImage, lists), OursAsync(person, ourImage, lists));

        var (theirs, ours) = (await File.ReadAllBytesAsync(Path.Combine(lists, "theirs"), Ct), await File.ReadAllBytesAsync(Path.Combine(lists, "ours"), Ct));
        var (their, our) = (Encoding.Latin1.GetString(theirs).Split('\n'), Encoding.Latin1.GetString(ours).Split('\n'));
        Assert.AreEqual("", string.Join('\n', [.. their.Except(our, StringComparer.Ordinal).Take(10).Select(line => "podman " + line), .. our.Except(their, StringComparer.Ordinal).Take(10).Select(line => "ours   " + line)]));
        Assert.IsTrue(theirs.AsSpan().SequenceEqual(ours));
        Assert.IsGreaterThan(fewest, their.Length);
        return (string.Join('\n', their), string.Join('\n', our));
    }

    private async Task TheirsAsync(PodmanHome podman, Func<Task<string>> image, string lists)
    {
        var tree = (await podman.ReadAsync("image", "mount", await image())).Trim();
        await Exec.ReadAsync(new Command(Busybox, "sh", Path.Combine(lists, "script"), tree, Busybox, Path.Combine(lists, "theirs")), Ct);
    }

    private async Task OursAsync(Person person, string image, string lists)
    {
        var run = person.Tool("run", "--entrypoint", "", "--workdir", "/", "--volume", $"{Busybox}:/tmp/busybox:ro", "--volume", $"{lists}:/tmp/lists", image, "--",
            "/tmp/busybox", "sh", "/tmp/lists/script", "/", "/tmp/busybox", "/tmp/lists/ours");
        var outcome = await Exec.RunAsync(run, Ct);
        Assert.AreEqual((0, ""), (outcome.ExitCode, outcome.Error));
    }

    private static void RequireRoot()
    {
        if (!Person.AreWeRoot)
        {
            Assert.Inconclusive("podman's tree with the image's own ids is seen as root only.");
        }
    }
}
