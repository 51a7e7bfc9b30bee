using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Runs;

namespace DotnetRelease.Distro.Tests.Planning;

/// <summary>The distro's dnf is asked for what a repository really has.</summary>
[TestClass]
public sealed class DistroQueryTests(TestContext test)
{
    private const string Repository = """
        [updates]
        name=Updates
        baseurl=file:///srv/updates
        gpgcheck=0
        """;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Dnf_tells_what_a_distro_has_and_what_it_has_not()
    {
        using var scratch = new Scratch();
        using var machine = new Machine(SharedMachine.Places, new ListReporter());
        var old = await RpmFactory.BuildAsync(new("python3-greeter", "1.0") { Preamble = "Provides: python3dist(greeter) = 1.0" });
        var newest = await RpmFactory.BuildAsync(new("python3-greeter", "1.2~rc1") { Preamble = "Provides: python3dist(greeter) = 1.2~rc1" });
        foreach (var rpm in new[] { old, newest })
        {
            File.Copy(rpm.Binary, Path.Combine(scratch.Folder("updates"), Path.GetFileName(rpm.Binary)));
        }

        await Exec.ReadAsync(new Command("createrepo_c", ["-q", scratch["updates"]]), Ct);
        var reference = ImageReference.Parse($"rootfs:{await SharedMachine.Distro}");
        var image = await machine.Images.PullAsync(reference, new ImageWish(Platform.Current), Ct);
        await using var container = machine.Engine.Begin();
        await container.ReadyAsync(Ct);
        await container.OpenAsync(image, [], Ct);
        var question = new DistroOffer("local", "x86_64");

        await container.ReadAsync(new Sandbox("sh", "-c", "rm -f /etc/yum.repos.d/*"), Ct);
        var nothing = await DistroQuery.AskAsync(container, question, ["python3-greeter"], Ct);
        await container.ReadAsync(new Sandbox("sh", "-c", "cp -r /mnt/updates /srv/") { Volumes = [new Volume(scratch.Root, "/mnt", ReadOnly: true)] }, Ct);
        await container.CopyInAsync(scratch.Write("updates.repo", Repository), "/etc/yum.repos.d/updates.repo", executable: false, Ct);
        var found = await DistroQuery.AskAsync(container, question, ["python3-greeter", DistroQuery.Capability("greeter"), DistroQuery.Capability("none"), "python3-greeter; exit 7"], Ct);

        Assert.AreEqual("the image has no repository enabled", nothing.Unknown);
        Assert.IsNull(found.Unknown);
        Assert.AreEqual(
            "python3-greeter: python3-greeter 1.2~rc1-1 (updates), greeter: python3-greeter 1.2~rc1-1 (updates)",
            string.Join(", ", found.Packages.Select(package => $"{package.Asked}: {package}")));
    }
}
