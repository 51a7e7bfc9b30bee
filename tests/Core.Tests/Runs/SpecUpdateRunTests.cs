using DotnetRelease.Runs;
using DotnetRelease.Specs;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class SpecUpdateRunTests(TestContext test)
{
    private const string Spec = "rpm-specs/greeter/greeter.spec";
    private static readonly PlanRange LastBump = new(null, null);

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_spec_is_written_in_place_and_only_once()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        var run = await RunAsync(project);

        await run.WriteAsync(await run.FindAsync([], LastBump, test.CancellationToken), test.CancellationToken);

        Assert.Contains("\nVersion: 1.1\n", project.Read(Spec), StringComparison.Ordinal);
        Assert.Contains("* Thu Jun 20 2024 Alice <alice@example.org> - 1.1-1\n- Update to 1.1 (greeter 1.0 -> 1.1)\n", project.Read(Spec), StringComparison.Ordinal);
        Assert.IsEmpty((await run.FindAsync([], LastBump, test.CancellationToken)).Single().Update.Changes);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Finding_the_edits_writes_nothing()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        var before = project.Read(Spec);

        var updates = await (await RunAsync(project)).FindAsync(["greeter"], LastBump, test.CancellationToken);

        Assert.HasCount(2, updates.Single().Update.Changes);
        Assert.AreEqual(before, project.Read(Spec));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_sources_file_that_lists_the_old_wheel_gets_the_new_one_in_its_own_form()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        const string sources = "rpm-specs/greeter/sources";
        Assert.IsTrue(Digest.TryParseAny(new string('b', 128), out var sha512));
        project.Write(sources, $"# dist-git\nSHA512 (greeter-1.0-py3-none-any.whl) = {new string('a', 128)}\n");
        var before = project.Read(sources);
        var run = await RunAsync(project);

        project.Write(sources, before.Replace("SHA512", "SHA256", StringComparison.Ordinal).Replace(new string('a', 128), new string('a', 64), StringComparison.Ordinal));
        var shorter = (await run.FindAsync([], LastBump, test.CancellationToken)).Single();
        project.Write(sources, before);
        var dry = (await run.FindAsync([], LastBump, test.CancellationToken)).Single();
        run = run with { Sha512 = (source, _) => Task.FromResult(source.File is "greeter-1.1-py3-none-any.whl" && source.Package is "greeter" ? sha512 : default) };
        await run.WriteAsync(await run.FindAsync([], LastBump, test.CancellationToken), test.CancellationToken);
        var written = project.Read(sources);

        Assert.IsNull(dry.Sources);
        Assert.Contains(note => note.Text.Contains("its sha512 is known when the file was fetched", StringComparison.Ordinal), dry.Update.Notes);
        Assert.AreEqual($"# dist-git\nSHA512 (greeter-1.1-py3-none-any.whl) = {sha512.Hex}\n", written);
        Assert.Contains("SHA256 (greeter-1.1-py3-none-any.whl) = ", shorter.Sources!.Text, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_run_that_was_killed_between_sources_and_spec_can_be_repeated()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        const string sources = "rpm-specs/greeter/sources";
        project.Write(sources, $"SHA512 (greeter-1.0-py3-none-any.whl) = {new string('a', 128)}\n");
        Assert.IsTrue(Digest.TryParseAny(new string('b', 128), out var sha512));
        var run = (await RunAsync(project)) with { Sha512 = (_, _) => Task.FromResult(sha512) };
        var update = (await run.FindAsync([], LastBump, test.CancellationToken)).Single();
        project.Write(sources, update.Sources!.Text);

        var again = (await run.FindAsync([], LastBump, test.CancellationToken)).Single();

        Assert.IsNull(again.Sources);
        Assert.AreEqual(update.Update.Spec.Digest, again.Update.Spec.Digest);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task No_digest_that_nobody_has_looked_at_gets_into_a_spec()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        project.Write("poetry.lock", project.Read("poetry.lock").Replace("1.1", "1.0", StringComparison.Ordinal));

        var run = await RunAsync(project);
        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => run.FindAsync([], LastBump, test.CancellationToken));

        Assert.AreEqual(Fault.AlarmRaised, ex.Fault);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_packager_is_who_git_says()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        await project.GitAsync(test.CancellationToken, "config", "user.name", "Zoë Git");
        await project.GitAsync(test.CancellationToken, "config", "user.email", "zoe@example.org");

        var updates = await (await RunAsync(project, null)).FindAsync([], LastBump, test.CancellationToken);

        Assert.Contains("Zoë Git <zoe@example.org>", updates.Single().Update.Changes[^1].New, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_name_that_git_does_not_know_is_asked_for_only_when_it_is_written()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);

        // An empty value counts as unknown and hides what the user of this machine has set.
        await project.GitAsync(test.CancellationToken, "config", "user.name", "");
        var run = await RunAsync(project, null);

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => run.FindAsync([], LastBump, test.CancellationToken));
        Assert.AreEqual(Fault.AnswerNeeded, ex.Fault);
        Assert.Contains("--packager", ex.Remedy, StringComparison.Ordinal);

        project.Write(Spec, project.Read(Spec).Split("%changelog")[0]);
        Assert.HasCount(1, (await run.FindAsync([], LastBump, test.CancellationToken)).Single().Update.Changes);
    }

    [TestMethod]
    [DataRow("greter", "Did you mean 'greeter'?")]
    [DataRow("helper", "Add 'follows'")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_rpm_that_cannot_follow_is_refused(string name, string remedy)
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        project.Write("rpm-specs/helper.spec", "Name: helper\nVersion: 1\nRelease: 1\n");
        var run = await RunAsync(project);

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => run.FindAsync([name], LastBump, test.CancellationToken));

        Assert.AreEqual(Fault.Usage, ex.Fault);
        Assert.Contains(remedy, ex.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_missing_spec_is_named()
    {
        using var project = await BumpedProject.CreateAsync(test.CancellationToken);
        File.Delete(project[Spec]);
        var run = await RunAsync(project);

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => run.FindAsync([], LastBump, test.CancellationToken));

        Assert.AreEqual(Fault.SpecNotFound, ex.Fault);
    }

    [TestMethod]
    [DataRow("Alice")]
    [DataRow("<alice@example.org>")]
    [DataRow("Alice <>")]
    [DataRow("Alice <a b>")]
    [DataRow("Alice <a@b> x")]
    [DataRow("Alice <<a@b>>")]
    [DataRow("Ali\nce <a@b>")]
    public void A_packager_of_another_form_is_refused(string text) => Assert.IsNull(SpecAuthor.TryParse(text, default));

    private async Task<SpecUpdateRun> RunAsync(BumpedProject project, string? packager = "Alice <alice@example.org>") =>
        new(await project.OpenAsync(test.CancellationToken), project.Known) { Date = new(2024, 6, 20), Packager = packager };
}
