using System.Globalization;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Runs.Doctor;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Runs.Doctor;

/// <summary>Each check with a defect that was put there: what is found, and the line that mends it.</summary>
[TestClass]
public sealed class DoctorChecksTests(TestContext test)
{
    private const string Debian = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n";
    private const string Mint = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
    private const string Rocky = "NAME=\"Rocky Linux\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n";
    private const string Leap = "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n";

    private static readonly MachinePrograms Machine = new(Distribution.Parse(Debian));

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [DataRow(Debian, "sudo apt-get install uidmap")]
    [DataRow(Mint, "sudo apt-get install uidmap")]
    [DataRow(Rocky, "sudo dnf install shadow-utils")]
    [DataRow("ID=fedora\n", "sudo dnf install shadow-utils")]
    [DataRow(Leap, "sudo zypper install shadow")]
    [DataRow("ID=plan9\nnonsense\n", "sudo apt-get install uidmap   or: sudo dnf install shadow-utils   or: sudo zypper install shadow")]
    [DataRow("", "sudo apt-get install uidmap   or: sudo dnf install shadow-utils   or: sudo zypper install shadow")]
    public void The_line_that_installs_a_package_is_that_of_the_distribution(string release, string line) =>
        Assert.AreEqual(line, Distribution.Parse(release).InstallLine(ProgramPackage.IdMaps));

    [TestMethod]
    [DataRow("", "100000-165535")]
    [DataRow("alice:100000:65536", "165536-231071")]
    [DataRow("alice:100000:65536\nbob:300000:65536\nnonsense\nx:y:z\n", "365536-431071")]
    public void A_user_without_ids_gets_the_line_with_a_range_that_nobody_has(string lines, string range) =>
        Assert.AreEqual($"sudo usermod --add-subuids {range} --add-subgids {range} carol", SubordinateIds.FixLine("carol", lines.Split('\n')));

    [TestMethod]
    [DataRow("bubblewrap 0.8.0\n", true)]
    [DataRow("bubblewrap 0.5.0\n", true)]
    [DataRow("bubblewrap 0.4.1\n", false)]
    [DataRow("what?", false)]
    public void A_bubblewrap_that_lacks_options_is_too_old(string said, bool isGood)
    {
        var check = ContainerChecks.BubblewrapOf(said, "upgrade it");

        Assert.AreEqual((isGood, isGood ? "" : "upgrade it"), (check.Ok, check.Fix));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Without_bubblewrap_nothing_that_stands_on_it_is_tried()
    {
        using var scratch = new Scratch();
        var machine = Machine with { Find = program => program is "bwrap" ? null : Exec.Find(program) };

        var checks = await new ContainerChecks(new Places(scratch["cache"], scratch["data"]), machine).RunAsync(Ct);

        Assert.AreEqual((false, "sudo apt-get install bubblewrap"), (checks[0].Ok, checks[0].Fix));
        CollectionAssert.AreEqual(
            new[] { ContainerChecks.Maps, ContainerChecks.Overlay, ContainerChecks.SandboxName, ContainerChecks.NoNetwork },
            checks.Where(check => check is { Found: "not tried, because of bubblewrap", Fix: "first mend bubblewrap" }).Select(check => check.Name).ToArray());
        Assert.IsTrue(checks.All(check => check.Ok == (check.Fix.Length is 0)), "one line for each failure");
        Assert.IsFalse(Directory.Exists(scratch["data"]));
    }

    [TestMethod]
    public void Ids_that_are_missing_have_another_line_than_programs_that_are_missing()
    {
        var missing = new ReleaseException(Fault.IdRangeMissing, "user 'carol' has no range. Nothing was downloaded.");

        var withoutPrograms = new ContainerChecks(Places.FromEnvironment(), Machine with { Find = _ => null }).MapsOf(() => throw missing);
        var withoutRange = new ContainerChecks(Places.FromEnvironment(), Machine with { Find = program => $"/usr/bin/{program}" }).MapsOf(() => throw missing);

        Assert.AreEqual("sudo apt-get install uidmap", withoutPrograms.Fix);
        StringAssert.Matches(withoutRange.Fix, new(@"^sudo usermod --add-subuids (\d+-\d+) --add-subgids \1 "));
        Assert.AreEqual("user 'carol' has no range", withoutRange.Found);
    }

    [TestMethod]
    [DataRow("kill_process kill_thread trap errno user_notif trace log allow", true)]
    [DataRow("", false)]
    public void A_kernel_without_filters_is_found(string actions, bool isGood) => Assert.AreEqual(isGood, ContainerChecks.Seccomp(actions).Ok);

    [TestMethod]
    public void What_a_failure_of_the_engine_says_to_run_becomes_the_line()
    {
        var check = DoctorCheck.Bad(ContainerChecks.Namespaces, new ReleaseException(Fault.NamespacesBlocked, "blocked") { Remedy = "Run: sudo sysctl kernel.unprivileged_userns_clone=1" });

        Assert.AreEqual("sudo sysctl kernel.unprivileged_userns_clone=1", check.Fix);
    }

    [TestMethod]
    public void An_old_kernel_a_full_disk_and_a_folder_that_cannot_be_written_are_found()
    {
        using var scratch = new Scratch();
        scratch.Write("file", "");

        Assert.IsFalse(MachineChecks.Kernel(new Version(5, 10, 200)).Ok);
        Assert.IsTrue(MachineChecks.Kernel(new Version(5, 11)).Ok);
        Assert.AreEqual("dotnet release image prune", MachineChecks.Space("data", "/data", 1_000_000_000).Fix);
        Assert.AreEqual("/data, 1.0 GB free; a build needs about 4.3", MachineChecks.Space("data", "/data", 1_000_000_000).Found);
        var folder = MachineChecks.Folder("cache", scratch["file/below"], "DOTNET_RELEASE_CACHE");
        Assert.AreEqual((false, "export DOTNET_RELEASE_CACHE=FOLDER   (one of your own)"), (folder.Ok, folder.Fix));
        Assert.IsNotEmpty(MachineChecks.Folder("cache", scratch["cache"], "DOTNET_RELEASE_CACHE").Found);
        Assert.IsEmpty(Directory.GetFileSystemEntries(scratch["cache"]));
    }

    [TestMethod]
    [DataRow("2026-11-27T12:00:00Z", true)]
    [DataRow("2026-11-27T11:56:00Z", true)]
    [DataRow("2026-11-27T11:54:00Z", false)]
    [DataRow("1970-01-01T00:00:00Z", false)]
    public void A_clock_that_is_behind_what_has_happened_is_wrong(string now, bool isGood)
    {
        var witness = DoctorRun.Latest([new Witness("an old thing", DateTimeOffset.UnixEpoch), null, new Witness("the last commit", DateTimeOffset.Parse("2026-11-27T12:00:00Z", CultureInfo.InvariantCulture))]);

        var check = MachineChecks.Clock(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture), witness);

        Assert.AreEqual((isGood, isGood ? "" : "sudo timedatectl set-ntp true"), (check.Ok, check.Fix));
        Assert.AreEqual(!isGood, check.Found.Contains("the last commit of 2026-11-27 12:00Z", StringComparison.Ordinal));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_engine_that_is_missing_counts_only_where_the_settings_choose_it()
    {
        var engines = new EngineChecks(Machine with { Find = _ => null });

        var nobody = await engines.RunAsync(null, Ct);
        var chosen = await engines.RunAsync(Parse("[project]\nname = \"demo\"\n[build]\nengine = \"docker\"\n[target.a]\nimage = \"rootfs:x\"\n[target.b]\nimage = \"rootfs:x\"\nengine-host = \"ssh://builder@example.org\"\n"), Ct);

        Assert.IsTrue(nobody.All(check => check is { Ok: false, IsFailure: false }));
        Assert.AreEqual("docker docker at ssh://builder@example.org", string.Join(' ', chosen.Where(check => check.IsFailure).Select(check => check.Name)));
        Assert.IsTrue(chosen.Where(check => check.IsFailure).All(check => check.Fix is "sudo apt-get install docker.io"));
        Assert.IsFalse(EngineChecks.Chosen(Parse("[project]\nname = \"demo\"\n[build]\nengine = \"podman\"\n")).Any(choice => choice.Kind is EngineKind.Embedded));
    }

    [TestMethod]
    [DataRow("Cannot connect to the Docker daemon. Is the docker daemon running?", "sudo systemctl start docker")]
    [DataRow("Got permission denied while trying to connect", "sudo usermod --append --groups docker ")]
    [DataRow("something new", "docker info")]
    public void What_ails_docker_has_a_line(string said, string fix) =>
        Assert.StartsWith(fix, EngineChecks.FixOf(new EngineChoice(EngineKind.Docker), said, "docker info"), StringComparison.Ordinal);

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_key_of_the_settings_is_looked_at_and_its_agent_asked()
    {
        var (good, expired, elsewhere) = (await TestKey.Ed25519, await TestKey.Expired, await TestKey.Rsa);

        var fine = await new SigningChecks(good.Gpg, Machine).RunAsync(good.Fingerprint, Ct);
        var over = await new SigningChecks(expired.Gpg, Machine).RunAsync(expired.Fingerprint, Ct);
        var missing = await new SigningChecks(good.Gpg, Machine).RunAsync(elsewhere.Fingerprint, Ct);
        var none = await new SigningChecks(good.Gpg, Machine with { Find = _ => null }).RunAsync(good.Fingerprint, Ct);

        Assert.AreEqual("gpg signing key gpg-agent", string.Join(' ', fine.Where(check => check.Ok).Select(check => check.Name)));
        Assert.Contains(good.Fingerprint, fine[1].Found, StringComparison.Ordinal);
        Assert.Contains("expired on 2020-01-02", over[1].Found, StringComparison.Ordinal);
        Assert.StartsWith("gpg --import FILE", missing[1].Fix, StringComparison.Ordinal);
        Assert.IsTrue(missing[2].IsFailure);
        Assert.AreEqual("sudo apt-get install gnupg", none[0].Fix);
        Assert.HasCount(1, await new SigningChecks(good.Gpg, Machine).RunAsync(null, Ct), "no key is named");
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_a_repository_needs_is_needed_when_the_settings_have_such_a_repository()
    {
        var checks = new ProjectChecks(Machine with { Find = _ => null });
        var settings = Parse("[project]\nname = \"demo\"\n[repository.a]\nurl = \"git+https://example.org/a.git\"\n[repository.b]\nurl = \"ssh://me@example.org/srv\"\n");

        var alone = await checks.RunAsync(null, Ct);
        var project = await checks.RunAsync(new(Path.GetTempPath(), settings), Ct);

        Assert.AreEqual("git", string.Join(' ', alone.Where(check => check.IsFailure).Select(check => check.Name)));
        Assert.AreEqual("git git-lfs ssh", string.Join(' ', project.Where(check => check.IsFailure).Select(check => check.Name)));
        var zstd = checks.Zstd(() => throw new ReleaseException(Fault.ZstdMissing, "gone"));
        Assert.AreEqual((false, "sudo apt-get install libzstd1"), (zstd.Ok, zstd.Fix));
    }

    private static Settings Parse(string text) => Settings.Parse(text, "release.toml");
}
