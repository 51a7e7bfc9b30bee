using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class PlanRunTests(TestContext test)
{
    private static readonly PlanRange LastBump = new(null, null);
    private static readonly PlanRequest Foresee = PlanRequest.Everything with { ForeseeSpecUpdate = true };

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_bump_in_the_work_tree_is_planned_from_what_is_on_disk()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);

        var result = await Run(project).MakeAsync(LastBump, Foresee, test.CancellationToken);

        var rpm = result.Plan.Rpms.Single();
        Assert.AreEqual("greeter 1.1 1.0", $"{rpm.Name} {rpm.Version} {rpm.SpecVersion}");
        Assert.AreEqual("poetry.lock: greeter 1.0 -> 1.1", rpm.Reasons.Single());
        CollectionAssert.AreEqual((string[])["greeter-1.1-py3-none-any.whl", "greeter.desktop"], rpm.Sources.Select(source => source.File).ToArray());
        Assert.AreEqual(Digest.Of("greeter 1.1"), rpm.Sources[0].Digest);
        Assert.AreEqual(new LockEntry("poetry.lock", Digest.Of(project.Read("poetry.lock")), "greeter", "1.1") { Ecosystem = "python" }, rpm.Sources[0].Lock);
        Assert.AreEqual(Digest.Of("[Desktop Entry]\n"), rpm.Sources[1].Digest);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_alarm_that_nobody_accepted_ends_what_would_build()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        project.Write("poetry.lock", project.Read("poetry.lock").Replace("1.1", "1.0", StringComparison.Ordinal));

        var result = await Run(project).MakeAsync(LastBump, Foresee, test.CancellationToken);
        var ex = Assert.ThrowsExactly<ReleaseException>(result.RefuseAlarms);
        project.Write("release.toml", project.Read("release.toml") + "\n[[accept]]\nid = \"REL1101\"\npackage = \"greeter\"\nreason = \"our own index, built again\"\n");
        var accepted = await Run(project).MakeAsync(LastBump, Foresee, test.CancellationToken);

        Assert.AreEqual((Fault.AlarmRaised, ExitCode.Refused, "poetry.lock"), (ex.Fault, ex.Fault.Exit, ex.Position!.Value.File));
        Assert.StartsWith("REL1101, the same file with another digest: greeter: greeter-1.0-py3-none-any.whl has", ex.Message, StringComparison.Ordinal);
        accepted.RefuseAlarms();
        Assert.AreEqual("our own index, built again", accepted.Alarms.Single().Accepted);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_index_is_asked_for_ages_only_when_a_cooldown_is_set()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        var asked = new List<string>();
        DateTimeOffset? answer = DateTimeOffset.UtcNow;
        var run = Run(project) with
        {
            AskAge = (package, files, _) =>
            {
                asked.Add($"{package} {string.Join(' ', files)}");
                return answer is null ? throw new ReleaseException(Fault.RemoteFailed, "No answer.") : Task.FromResult(answer);
            },
        };

        var without = await run.MakeAsync(LastBump, Foresee, test.CancellationToken);
        project.Write("release.toml", project.Read("release.toml").Replace("name = \"hello\"", "name = \"hello\"\ncooldown = 3", StringComparison.Ordinal));
        run = run with { Workspace = await project.OpenAsync(test.CancellationToken) };
        var young = await run.MakeAsync(LastBump, Foresee, test.CancellationToken);
        answer = DateTimeOffset.UtcNow.AddDays(-3);
        var old = await run.MakeAsync(LastBump, Foresee, test.CancellationToken);
        answer = null;
        var unknown = await run.MakeAsync(LastBump, Foresee, test.CancellationToken);

        Assert.AreEqual("- REL1113 - REL1114", string.Join(' ', new[] { without, young, old, unknown }.Select(result => result.Alarms.IsEmpty ? "-" : result.Alarms.Single().Kind.Id)));
        Assert.AreEqual("greeter greeter-1.1-py3-none-any.whl", asked.Distinct().Single());
        Assert.HasCount(3, asked);
        Assert.AreEqual(Fault.AlarmRaised, Assert.ThrowsExactly<ReleaseException>(young.RefuseAlarms).Fault);
        Assert.EndsWith("The index was asked: No answer.", unknown.Alarms[0].Text, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_spec_that_lags_ends_a_run_that_builds()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Run(project).MakeAsync(LastBump, PlanRequest.Everything, test.CancellationToken));

        Assert.AreEqual(Fault.SpecLags, ex.Fault);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_image_name_is_asked_once_and_then_means_the_same()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        var workspace = await project.OpenAsync(test.CancellationToken);

        var first = await Run(project, "first").MakeAsync(LastBump, Foresee, test.CancellationToken);
        await workspace.WriteLockAsync(first.Lock, test.CancellationToken);
        var second = await Run(project, "second").MakeAsync(LastBump, Foresee, test.CancellationToken);

        Assert.AreEqual(Digest.Of("first"), first.Plan.Rpms[0].Targets[0].ImageDigest);
        Assert.EndsWith("looked up now and pinned in release.lock", first.Plan.Rpms[0].Targets[0].Why, StringComparison.Ordinal);
        Assert.AreEqual(Digest.Of("first"), second.Plan.Rpms[0].Targets[0].ImageDigest);
        Assert.EndsWith("pinned by release.lock", second.Plan.Rpms[0].Targets[0].Why, StringComparison.Ordinal);
        Assert.Contains($"\"{BumpedProject.Image}\" = \"{Digest.Of("first")}\"", project.Read("release.lock"), StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("rootfs:distro.tar")]
    [DataRow("oci:layout")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_image_of_this_machine_is_what_it_is_and_is_not_pinned(string image)
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        project.Write("release.toml", project.Read("release.toml").Replace(BumpedProject.Image, image, StringComparison.Ordinal));

        var result = await Run(project, "now").MakeAsync(LastBump, Foresee, test.CancellationToken);

        Assert.AreEqual(Digest.Of("now"), result.Plan.Rpms[0].Targets[0].ImageDigest);
        Assert.IsEmpty(result.Lock.Images);
        await (await project.OpenAsync(test.CancellationToken)).WriteLockAsync(result.Lock, test.CancellationToken);
        Assert.IsFalse(File.Exists(project["release.lock"]));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_digest_in_the_reference_is_taken_at_its_word()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        var image = $"{BumpedProject.Image}@{Digest.Of("written")}";
        project.Write("release.toml", project.Read("release.toml").Replace(BumpedProject.Image, image, StringComparison.Ordinal));

        var result = await Run(project).MakeAsync(LastBump, Foresee, test.CancellationToken);

        Assert.AreEqual(Digest.Of("written"), result.Plan.Rpms[0].Targets[0].ImageDigest);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_image_that_cannot_be_found_ends_a_build_and_only_warns_in_a_plan()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        var run = Run(project) with { Resolve = (_, _) => throw new ReleaseException(Fault.ImageNotFound, "Nobody has it.") };

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => run.MakeAsync(LastBump, Foresee, test.CancellationToken));
        var result = await (run with { ImagesMayStayOpen = true }).MakeAsync(LastBump, Foresee, test.CancellationToken);

        Assert.AreEqual(Fault.ImageNotFound, ex.Fault);
        Assert.IsNull(result.Plan.Rpms[0].Targets[0].ImageDigest);
        Assert.AreEqual("The image of fedora-43 stays open in this plan: Nobody has it.", result.Warnings.Single());
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_malformed_image_name_is_an_error_at_its_line()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        project.Write("release.toml", project.Read("release.toml").Replace(BumpedProject.Image, "fedora:43", StringComparison.Ordinal));

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Run(project).MakeAsync(LastBump, Foresee, test.CancellationToken));

        Assert.AreEqual(Fault.ImageReferenceMalformed, ex.Fault);
        Assert.AreEqual(new SourcePosition("release.toml", 11, 9), ex.Position);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_registry_is_not_asked_for_targets_that_are_not_in_the_plan()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        await project.GitAsync(test.CancellationToken, "checkout", "-q", "poetry.lock");
        var run = Run(project) with { Resolve = (_, _) => throw new InvalidOperationException("asked") };

        var result = await run.MakeAsync(new PlanRange("HEAD", null), Foresee, test.CancellationToken);

        Assert.IsEmpty(result.Plan.Rpms);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_was_built_is_up_to_date_until_a_file_beside_the_spec_changes()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        var run = Run(project, "image");
        var key = (await run.MakeAsync(LastBump, Foresee, test.CancellationToken)).Plan.Rpms[0].Targets[0].InputsKey;
        run = run with { Built = [new BuildRecord("greeter", "fedora-43", "x86_64", key, [])] };

        Assert.AreEqual(TargetState.UpToDate, (await run.MakeAsync(LastBump, Foresee, test.CancellationToken)).Plan.Rpms[0].Targets[0].State);
        project.Write("rpm-specs/greeter/greeter.desktop", "[Desktop Entry]\nName=x\n");

        Assert.AreEqual(TargetState.Build, (await run.MakeAsync(LastBump, Foresee, test.CancellationToken)).Plan.Rpms[0].Targets[0].State);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_link_beside_the_spec_is_no_source()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        File.Delete(project["rpm-specs/greeter/greeter.desktop"]);
        File.CreateSymbolicLink(project["rpm-specs/greeter/greeter.desktop"], "/etc/passwd");

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Run(project).MakeAsync(LastBump, Foresee, test.CancellationToken));

        Assert.AreEqual(Fault.SourceWithoutDigest, ex.Fault);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Settings_are_found_upwards_and_everything_is_relative_to_them()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        Directory.CreateDirectory(project["deep/er"]);

        var workspace = await Workspace.OpenAsync(project["deep/er"], null, test.CancellationToken);

        Assert.AreEqual(project.Folder, workspace.Folder);
        Assert.AreEqual("../../release.toml", workspace.Settings.Path);
        Assert.HasCount(1, (await new PlanRun(workspace, project.Known).MakeAsync(LastBump, Foresee, test.CancellationToken)).Plan.Rpms);
    }

    [TestMethod]
    public async Task Missing_settings_are_an_error_that_says_what_to_write()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        File.Delete(project["release.toml"]);

        var found = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Workspace.OpenAsync(project.Folder, null, test.CancellationToken));
        var named = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Workspace.OpenAsync(project.Folder, "other.toml", test.CancellationToken));

        Assert.AreEqual(Fault.SettingsMissing, found.Fault);
        Assert.AreEqual(Fault.SettingsMissing, named.Fault);
        Assert.Contains("'other.toml'", named.Message, StringComparison.Ordinal);
    }

    private PlanRun Run(BumpedProject project, string? image = null) =>
        new(project.OpenAsync(test.CancellationToken).GetAwaiter().GetResult(), project.Known)
        {
            Resolve = image is null ? null : (ImageReference _, CancellationToken _) => Task.FromResult(Digest.Of(image)),
        };
}
