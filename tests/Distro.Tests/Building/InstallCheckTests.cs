using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>Packages are installed, updated and removed with the distro's own dnf before they are kept.</summary>
[TestClass]
public sealed class InstallCheckTests(TestContext test) : IDisposable
{
    private const int Patience = 300_000;
    private const string Logs = ".release/logs/probe-local-x86_64/install";

    private static readonly RpmRecipe Probe = new("probe") { Install = "mkdir -p %{buildroot}/usr/bin\necho 'echo probe %{version}' > %{buildroot}/usr/bin/probe", Files = "%attr(755,root,root) /usr/bin/probe" };

    private readonly Scratch _scratch = new();
    private readonly ListReporter _reporter = new();
    private readonly DateOnly _today = DateOnly.FromDateTime(DateTime.UtcNow);

    private CancellationToken Ct => test.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Users_of_the_published_version_get_the_new_one_and_removing_it_leaves_nothing()
    {
        using var project = await BuildProject.OfSpecAsync("""
            %install
            mkdir -p %{buildroot}%{_bindir}
            printf 'echo probe %{version} $(id -u)' > %{buildroot}%{_bindir}/probe
            chmod 755 %{buildroot}%{_bindir}/probe

            %files
            %{_bindir}/probe
            """);
        var old = await RpmFactory.BuildAsync(Probe with { Version = "0.9" });
        Directory.CreateDirectory(project["repo/local"]);
        File.Copy(old.Binary, project["repo/local/probe-0.9-1.noarch.rpm"]);
        await Exec.ReadAsync(new Command("createrepo_c", "--quiet", "--no-database", project["repo/local"]), Ct);
        project.Replace("release.toml", "spec = \"specs/probe.spec\"", "spec = \"specs/probe.spec\"\nsmoke = [\"probe | grep -x 'probe 1.0 65534'\", \"! touch /usr/bin/probe\"]");
        project.Write("release.toml", project.Read("release.toml") + "\n[repository.qa]\nurl = \"file:repo\"\nlayout = \"{target}\"\n");

        var result = (await project.BuildAsync(Ct, "probe")).Single();

        Assert.AreEqual("built", result.GetProperty("state").GetString());
        Assert.AreEqual(0, result.GetProperty("alarms").GetArrayLength(), result.ToString());
        CollectionAssert.AreEqual((string[])["install-published", "install", "smoke", "smoke", "remove"], LogNames(project[Logs])[^5..]);
        Assert.Contains("Upgrading", string.Concat(Directory.EnumerateFiles(project[Logs], "*-install.log").Select(File.ReadAllText)), StringComparison.Ordinal);

        // Other commands are other inputs; nobody has to remember a flag.
        project.Replace("release.toml", "! touch /usr/bin/probe", "false");
        var failed = await project.RunAsync(Ct, "rpm", "probe");
        Assert.AreEqual(7, failed.ExitCode, failed.Error);
        Assert.Contains("error REL3140 : probe on local: the step 'smoke' exited with 1;", failed.Error, StringComparison.Ordinal);
        Assert.Contains("It was to run as an ordinary user: false.", failed.Error, StringComparison.Ordinal);
        Assert.AreEqual(0, (await project.RunAsync(Ct, "rpm", "probe", "--no-install-check")).ExitCode);

        // What refuses a package is in the document, and what refuses it sooner spares installing it.
        project.Replace("specs/probe.spec", "chmod 755", "chmod 700");
        var refused = await project.RunAsync(Ct, "rpm", "probe", "--json");
        Assert.AreEqual(4, refused.ExitCode, refused.Error);
        var alarm = BuildProject.Json(refused.OutputBytes).GetProperty("results")[0].GetProperty("alarms").EnumerateArray().Single();
        Assert.AreEqual("REL3202 error /usr/bin/probe", $"{alarm.GetProperty("id")} {alarm.GetProperty("severity")} {alarm.GetProperty("artifact")}");
        Assert.DoesNotContain("install probe", refused.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Two_RPMs_of_a_project_that_need_each_other_are_installed_together_and_one_alone_with_what_was_built_before()
    {
        const string install = "%install\nmkdir -p %{buildroot}%{_bindir}\nprintf 'echo %{name}' > %{buildroot}%{_bindir}/%{name}\nchmod 755 %{buildroot}%{_bindir}/%{name}\n%files\n%{_bindir}/%{name}\n";
        using var project = await BuildProject.OfSpecAsync(install, "Requires: other = 1.0");
        project.Write("specs/other.spec", project.Read("specs/probe.spec").Replace("Name: probe", "Name: other", StringComparison.Ordinal).Replace("Requires: other", "Requires: probe", StringComparison.Ordinal));
        project.Replace(
            "release.toml", "spec = \"specs/probe.spec\"", "spec = \"specs/probe.spec\"\nsmoke = [\"other | grep -x other\"]\n\n[[rpm]]\nname = \"other\"\nspec = \"specs/other.spec\"\nsmoke = [\"probe | grep -x probe\"]");

        var both = await project.BuildAsync(Ct, "probe", "other");
        project.Replace("release.toml", "grep -x other", "grep -x probe");
        var alone = await project.RunAsync(Ct, "rpm", "probe");

        Assert.AreEqual("built built", string.Join(' ', both.Select(result => result.GetProperty("state").GetString())));
        Assert.Contains("REL3140 : probe on local: the step 'smoke' exited with 1;", alone.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_stays_and_what_was_done_to_others_is_found_and_what_others_bring_is_not()
    {
        var old = await ReadAsync(Probe with { Version = "0.9", Preamble = "Requires: nobody-has-this" });
        var alarms = await CheckAsync(
            Probe with
            {
                Preamble = "Requires: fixture-checks",
                Rest = """
                    %post
                    mkdir -p /var/lib/probe/deep && touch /var/lib/probe/deep/state /etc/probe.conf /tmp/probe
                    echo 'probe:x:990:990::/:/bin/false' >> /etc/passwd
                    echo changed >> /etc/issue
                    """,
            },
            job => job with { Published = [old] });

        CollectionAssert.AreEqual(
            (string[])["REL3221 /etc/probe.conf", "REL3221 /var/lib/probe", "REL3222 ", "REL3223 /etc/issue"], alarms.Select(alarm => $"{alarm.Kind.Id} {alarm.File}").ToList());
        Assert.IsTrue(alarms.All(alarm => alarm is { Package: "probe", Version: "1.0", Position.File: "specs/probe.spec" }));
        Assert.Contains("user 'probe'", alarms[2].Text, StringComparison.Ordinal);
        Assert.HasCount(1, _reporter.Lines.Where(line => line.Contains("the update from probe-0.9-1.noarch cannot be tried", StringComparison.Ordinal)).ToList());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("Requires: nobody-has-this > 2", "", "nothing provides nobody-has-this > 2", "what probe-1.0-1.noarch requires of local")]
    [DataRow("", "%pre\nexit 3\n", "exit status 3", "It was to install probe-1.0-1.noarch.")]
    [DataRow("", "%preun\nexit 4\n", "exit status 4", "It was to remove probe.")]
    public async Task A_package_that_cannot_be_installed_or_removed_is_refused_with_dnfs_own_words(string preamble, string scriptlet, string transcript, string says)
    {
        var failed = await Assert.ThrowsExactlyAsync<ReleaseException>(() => CheckAsync(Probe with { Preamble = preamble, Rest = scriptlet }));

        Assert.AreEqual(Fault.InstallCheckFailed, failed.Fault);
        Assert.Contains(says, failed.Message, StringComparison.Ordinal);
        Assert.Contains(transcript, failed.Transcript ?? "", StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_broken_package_that_users_have_does_not_keep_its_mended_successor_out()
    {
        var old = await ReadAsync(Probe with { Version = "0.8", Rest = "%pre\nexit 3\n" });

        Assert.IsEmpty(await CheckAsync(Probe, job => job with { Published = [old], Smoke = ["probe"] }));
        Assert.HasCount(1, _reporter.Lines.Where(line => line.StartsWith("The update from probe-0.8-1.noarch cannot be tried, because that cannot be installed itself: probe on local", StringComparison.Ordinal)).ToList());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Without_a_network_the_image_of_an_earlier_day_is_used()
    {
        var tomorrow = _today.AddDays(1);
        await CheckAsync(Probe);

        Assert.IsEmpty(await CheckAsync(Probe, job => job with { Today = tomorrow, Build = job.Build with { Root = RootWish.Any with { Offline = true } } }));
        Assert.Contains($"local could not be brought up to date; packages are installed on it as it was on {_today:yyyy-MM-dd}.", _reporter.Lines);
        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => CheckAsync(Probe, job => job with { Today = tomorrow.AddDays(14), Build = job.Build with { Root = RootWish.Any with { Offline = true } } }));
        Assert.AreEqual(Fault.OfflineLacks, refused.Fault);
    }

    private static string[] LogNames(string folder) => [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(path => Path.GetFileNameWithoutExtension(path)[3..])];

    private async Task<ImmutableArray<Alarm>> CheckAsync(RpmRecipe recipe, Func<InstallJob, InstallJob>? change = null)
    {
        using var machine = new Machine(SharedMachine.Places, _reporter);
        var image = await machine.Images.PullAsync(ImageReference.Parse($"rootfs:{await SharedMachine.Distro}"), new ImageWish(Platform.Current), Ct);
        var target = new PlannedTarget("local", "rootfs:distro.tar", image.Digest, "x86_64", [], TargetState.Build, "") { Inputs = new(ImmutableSortedDictionary<string, string>.Empty) };
        var build = new BuildJob(new PlannedRpm("probe", "1.0", [], [target], []) { Spec = "specs/probe.spec", SpecVersion = "1.0" }, target, image, [])
        {
            SpecPath = _scratch["probe.spec"],
            Epoch = DateTimeOffset.UnixEpoch,
            WorkFolder = _scratch.Folder("work"),
            LogFolder = _scratch["logs"],
        };
        var job = new InstallJob(build, [await ReadAsync(recipe)])
        {
            Spec = new SourcePosition("specs/probe.spec"),
            Today = _today,
        };
        return await new InstallCheck(machine.Engine, change?.Invoke(job) ?? job, _reporter) { Cache = machine.Packages }.RunAsync(Ct);
    }

    private async Task<RpmPackage> ReadAsync(RpmRecipe recipe) => await RpmPackage.ReadAsync((await RpmFactory.BuildAsync(recipe)).Binary, Ct);
}
