using System.Text.RegularExpressions;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>What must not become a package.</summary>
[TestClass]
public sealed partial class RefusedBuildTests(TestContext test)
{
    private const int Patience = 300_000;
    private const string NoFiles = "\n%files\n";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_spec_that_lags_behind_the_lock_is_refused_with_both_versions_and_the_command()
    {
        using var project = await BuildProject.BumpedAsync();

        var outcome = await project.RunAsync(Ct, "rpm");

        Refused(project, outcome, 2, "REL1008");
        Assert.Contains("has version 1.0.0, and poetry.lock(15,1) has greeter 1.1.0. Run: dotnet release spec update python3-greeter", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_digest_that_is_off_by_one_digit_keeps_the_file_out_of_the_cache()
    {
        using var scratch = new Scratch();
        using var project = await BuildProject.BumpedAsync(new Places(scratch["cache"], scratch["data"]));
        project.Replace("poetry.lock", "26f2204c9e0fbd6a", "26f2204c9e0fbd6b");

        var alarmed = await project.RunAsync(Ct, "rpm", "--update-spec");
        project.Write("release.toml", project.Read("release.toml") + "\n[[accept]]\nid = 'REL1101'\npackage = 'greeter'\nreason = 'whoever changed the digest accepts it too'\n");
        var outcome = await project.RunAsync(Ct, "rpm", "--update-spec");

        Refused(project, alarmed, 4, "REL1100");
        Refused(project, outcome, 4, "REL2001");
        Assert.IsEmpty(Directory.Exists(scratch["cache/content"]) ? Directory.GetFileSystemEntries(scratch["cache/content"]) : []);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_build_that_wants_the_network_is_told_that_there_is_none()
    {
        using var project = await BuildProject.OfSpecAsync("""
            %build
            for line in $(seq 100); do echo "before $line"; done
            python3 -c 'import urllib.request; urllib.request.urlopen("http://example.org/wheel")'
            """ + NoFiles);

        var outcome = await project.RunAsync(Ct, "rpm", "probe");

        Refused(project, outcome, 7, "REL3103");
        Assert.Contains("the build phase has no network", outcome.Error, StringComparison.Ordinal);
        var log = await File.ReadAllLinesAsync(LogNamedIn(outcome), Ct);
        Assert.IsGreaterThan(100, log.Length);
        CollectionAssert.AreEqual(log[^40..], ErrorLines(outcome)[^40..]);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Not_even_loopback_of_this_machine_can_be_reached_from_a_build()
    {
        var connections = 0;
        await using var server = new RawServer((_, answer) =>
        {
            Interlocked.Increment(ref connections);
            return answer.OkAsync("body"u8.ToArray());
        });
        using var project = await BuildProject.OfSpecAsync($"""
            %build
            python3 -c 'import urllib.request; urllib.request.urlopen("{server["wheel"]}")'
            """ + NoFiles);

        var outcome = await project.RunAsync(Ct, "rpm", "probe");

        Refused(project, outcome, 7, "REL310");
        Assert.AreEqual(0, connections);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_build_that_fails_ends_with_the_end_of_its_log()
    {
        using var project = await BuildProject.OfSpecAsync("%build\necho the cause of it all\nexit 3\n" + NoFiles);

        var outcome = await project.RunAsync(Ct, "rpm", "probe");

        Refused(project, outcome, 7, "REL3102");
        Assert.Contains("\nthe cause of it all\n", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("the cause of it all", await File.ReadAllTextAsync(LogNamedIn(outcome), Ct), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_package_that_a_reviewer_would_send_back_is_not_kept_until_somebody_accepts_why()
    {
        using var project = await BuildProject.OfSpecAsync("%install\nmkdir -p %{buildroot}/usr/share\necho x > %{buildroot}/usr/share/x\nchmod 600 %{buildroot}/usr/share/x\n%files\n/usr/share/x\n");

        var refused = await project.RunAsync(Ct, "rpm", "probe");
        var none = project.ResultNames();
        project.Write("release.toml", project.Read("release.toml") + "\n[[accept]]\nid = 'REL3202'\npackage = 'probe'\nfile = '/usr/share/x'\nreason = 'it is a test'\n");
        var result = (await project.BuildAsync(Ct, "probe")).Single();

        Assert.AreEqual(4, refused.ExitCode, refused.Error);
        Assert.IsEmpty(none);
        Assert.Contains("specs/probe.spec: warning REL3202: probe-1.0-1.deb12.noarch: '/usr/share/x' has the mode 0600", refused.Error, StringComparison.Ordinal);
        Assert.Contains("specs/probe.spec: error REL3200: REL3202, a file that only root can read: ", refused.Error, StringComparison.Ordinal);
        Assert.AreEqual(("built", "it is a test"), (result.GetProperty("state").GetString(), result.GetProperty("alarms")[0].GetProperty("accepted").GetString()));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_a_build_must_not_do_ends_by_name_with_nothing_copied_and_nobody_left()
    {
        var bad = new BadBuilds();
        using var project = await bad.ProjectAsync();

        await bad.AssertRefusedAsync(await project.RunAsync(Ct, BadBuilds.Arguments), project.Root, Ct);
    }

    // cases.md 39
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_build_that_fills_the_disk_is_ended_while_there_is_room_for_others()
    {
        using var scratch = new Scratch();
        using var project = await FilledDisk.ProjectAsync();
        var (before, tool) = (FilledDisk.Before(Environment.IsPrivilegedProcess), project.Tool("rpm", "probe"));
        tool = tool with { Program = before[0], Arguments = [.. before[1..], tool.Program, .. tool.Arguments] };

        FilledDisk.AssertEnded(await Exec.RunAsync(tool.With("DOTNET_RELEASE_DATA", scratch["small"]), Ct), project.Root);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_project_whose_disk_takes_no_package_is_told_which_and_where()
    {
        using var project = await BuildProject.OfSpecAsync("%install\nmkdir -p %{buildroot}/usr/share\nhead -c 8000000 /dev/urandom > %{buildroot}/usr/share/big\n%files\n/usr/share/big\n");
        var (before, tool) = (FilledDisk.BeforeInProject(Environment.IsPrivilegedProcess), project.Tool("rpm", "probe"));

        var outcome = await Exec.RunAsync(tool with { Program = before[0], Arguments = [.. before[1..], tool.Program, .. tool.Arguments] }, Ct);

        Refused(project, outcome, 5, "REL0010");
        Assert.Contains("/RPMS/noarch/probe-1.0-1.deb12.noarch.rpm' of the container could not be copied to '", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("No space left on device", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Words_of_a_build_cannot_command_a_terminal_or_a_runner()
    {
        using var project = await BuildProject.OfSpecAsync("%build\nprintf '\\033]0;mine\\007\\n::stop-commands::x\\nno end'\nexit 3\n" + NoFiles);

        var outcome = await project.RunAsync(Ct, "rpm", "probe");

        Refused(project, outcome, 7, "REL3102");
        Assert.Contains("\n\\x1b]0;mine\\x07\n\\::stop-commands::x\n", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_build_requirement_that_nobody_has_ends_the_prepare_step()
    {
        using var project = await BuildProject.OfSpecAsync(NoFiles, "BuildRequires: no-such-thing >= 3");

        var outcome = await project.RunAsync(Ct, "rpm", "probe");

        Refused(project, outcome, 7, "REL3101");
        Assert.Contains("no-such-thing >= 3", outcome.Error, StringComparison.Ordinal);
        Assert.EndsWith("-prepare.log", LogNamedIn(outcome), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Code_in_a_spec_runs_inside_only()
    {
        using var scratch = new Scratch();
        var canary = scratch["canary"];
        using var project = await BuildProject.OfSpecAsync(
            $"%global ran %(mkdir -p {scratch.Root} && touch {canary} && test -e {canary} && echo yes)\n%install\nmkdir -p %{{buildroot}}/opt\necho %{{ran}} > %{{buildroot}}/opt/ran\n\n%files\n/opt/ran\n");

        var planned = await project.RunAsync(Ct, "plan", "--rpm", "probe", "--json");
        var built = await project.RunAsync(Ct, "rpm", "probe");

        Assert.AreEqual(0, planned.ExitCode, planned.Error);
        Assert.AreEqual(0, built.ExitCode, built.Error);
        Assert.AreEqual("4", await RpmJudge.QueryAsync(Path.Combine(project.Results, "probe-1.0-1.deb12.noarch.rpm"), "%{FILESIZES}"), "The code ran, and said yes.");
        Assert.IsEmpty(Directory.GetFileSystemEntries(scratch.Root));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_version_that_turns_out_otherwise_inside_is_refused_before_the_build()
    {
        using var project = await BuildProject.ReadyAsync(Ct);
        const string spec = "rpm-specs/python3-greeter/python3-greeter.spec";
        project.Replace(spec, "Version:        1.1.0", "Version:        %(echo 1.0.0)");
        project.Replace(spec, "greeter-%{version}-py3", "greeter-1.1.0-py3");

        var outcome = await project.RunAsync(Ct, "rpm");

        Refused(project, outcome, 7, "REL3104");
        Assert.Contains(
            "the plan promises python3-greeter-1.1.0-1%{?dist}.noarch, but with this image the spec gives python3-greeter-1.0.0-1.deb12.noarch; nothing was built.", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_release_that_the_image_sees_otherwise_than_the_plan_is_refused_before_the_build()
    {
        // The settings say what %{?dist} is, and they are wrong.
        using var project = await BuildProject.OfSpecAsync(NoFiles);
        project.Replace("release.toml", "arch = [", "dist = \".fc43\"\narch = [");

        var outcome = await project.RunAsync(Ct, "rpm", "probe");

        Refused(project, outcome, 7, "REL3104");
        Assert.Contains("the plan promises probe-1.0-1.fc43.noarch, but with this image the spec gives probe-1.0-1.deb12.noarch; nothing was built.", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_spec_that_rpm_cannot_parse_is_refused_with_rpms_words()
    {
        using var project = await BuildProject.OfSpecAsync("%{error:these are the words of rpm}\n" + NoFiles);

        var outcome = await project.RunAsync(Ct, "rpm", "probe");

        Refused(project, outcome, 7, "REL310");
        Assert.Contains("these are the words of rpm", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task An_image_with_another_digest_than_the_written_one_is_refused()
    {
        using var project = await BuildProject.OfSpecAsync(NoFiles);
        var digest = await Digest.OfFileAsync(await SharedMachine.Distro, Ct);
        var wrong = digest.Hex[..^1] + (digest.Hex[^1] is '0' ? '1' : '0');
        project.Replace("release.toml", "rootfs:distro.tar", $"rootfs:distro.tar#sha256={wrong}");

        var outcome = await project.RunAsync(Ct, "rpm", "probe");

        Refused(project, outcome, 4, "REL21");
        Assert.Contains(wrong, outcome.Error, StringComparison.Ordinal);
        Assert.Contains(digest.Hex, outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task An_image_that_was_altered_since_it_was_written_down_is_refused()
    {
        using var project = await BuildProject.OfSpecAsync(NoFiles);
        var digest = await Digest.OfFileAsync(await SharedMachine.Distro, Ct);
        project.Replace("release.toml", "rootfs:distro.tar", $"rootfs:distro.tar#sha256={digest.Hex}");
        Assert.AreEqual(0, (await project.RunAsync(Ct, "rpm", "probe")).ExitCode, "The digest is right.");
        Directory.Delete(project["dist"], recursive: true);

        File.Delete(project["distro.tar"]);
        File.Copy(await SharedMachine.Distro, project["distro.tar"]);
        using (var tar = File.OpenHandle(project["distro.tar"], FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.Write(tar, "altered"u8, 100_000_000);
        }

        Refused(project, await project.RunAsync(Ct, "rpm", "probe"), 4, "REL21");
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Without_bubblewrap_nothing_is_downloaded_and_the_line_that_installs_it_is_there()
    {
        using var scratch = new Scratch();
        using var project = await BuildProject.ReadyAsync(Ct, new Places(scratch["cache"], scratch["data"]));
        File.CreateSymbolicLink(Path.Combine(scratch.Folder("bin"), "git"), Exec.Find("git")!);
        var tool = project.Tool("rpm") with { Program = Exec.Find("dotnet")! };

        var outcome = await Exec.RunAsync(tool.With("PATH", scratch["bin"]), Ct);

        Refused(project, outcome, 5, "REL3002");
        Assert.Contains("sudo apt-get install bubblewrap", outcome.Error, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(scratch["cache/content"]), "something was downloaded");
        Assert.IsFalse(Directory.Exists(scratch["data"]), "something was unpacked");
    }

    private static void Refused(BuildProject project, Outcome outcome, int exitCode, string id)
    {
        Assert.AreEqual(exitCode, outcome.ExitCode, outcome.Error);
        Assert.Contains($"error {id}", outcome.Error, StringComparison.Ordinal);
        Assert.IsEmpty(project.ResultNames());
    }

    private static string LogNamedIn(Outcome outcome) => LogPath().Match(outcome.Error) is { Success: true } match ? match.Value : throw new AssertFailedException(outcome.Error);

    private static string[] ErrorLines(Outcome outcome) => outcome.Error.TrimEnd('\n').Split('\n');

    [GeneratedRegex(@"/\S+\.log", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LogPath();
}
