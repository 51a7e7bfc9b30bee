using DotnetRelease.Facts;
using DotnetRelease.Fixtures;
using DotnetRelease.Runs;
using DotnetRelease.Tags;

namespace DotnetRelease.Core.Tests.Tags;

/// <summary>Good signatures by people who may not do this: the list, as it is where nobody but the project can change it.</summary>
[TestClass]
public sealed class TagPermissionTests
{
    private const int Patience = 60_000;

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("packages = [\"docs\", \"cli\"]\nchannels = [\"stable\"]", "who may release: docs, cli to stable; not \"server\" to stable")]
    [DataRow("packages = [\"server\"]\nchannels = [\"qa\"]", "who may release: server to qa; not \"server\" to stable")]
    [DataRow("packages = [\"server\"]\nchannels = [\"stable\"]\nkinds = [\"source\"]", "who may release: server to stable as source; not \"server\" to stable as binary")]
    [DataRow("packages = [\"server\"]", "who may release: server to no channel; not \"server\" to stable")]
    [DataRow("channels = [\"stable\"]", "who may release: nothing; not \"server\" to stable")]
    [DataRow("packages = []\nchannels = [\"stable\"]", "who may release: nothing; not \"server\" to stable")]
    [DataRow("packages = [\"server-*\", \"?erver2\", \"SERVER\"]\nchannels = [\"stable\"]", "who may release: server-*, ?erver2, SERVER to stable; not \"server\" to stable")]
    public async Task Case_65_what_the_entry_does_not_allow_is_refused_with_what_it_does(string rest, string words)
    {
        var (alice, bob) = (await TestKey.Ed25519, await TestKey.Rsa);
        using var project = await TagProject.CreateAsync(
            TagProject.Entry("alice", alice.Fingerprint, rest) + TagProject.Entry("bob", bob.Fingerprint), ("keys/alice.asc", alice), ("keys/bob.asc", bob));
        await project.TagAsync("v1.0.0", alice);

        var refusal = await TagJudge.RefuseAsync(project, Fault.TagNotPermitted, $"is signed by {alice.Fingerprint} (alice), {words}. Allow-list commit {project.Commit}.");

        Assert.AreEqual("Who may: bob.", refusal.Remedy);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_pattern_and_a_single_kind_are_permission_enough()
    {
        var alice = await TestKey.Ed25519;
        using var project = await TagProject.CreateAsync(
            TagProject.Entry("alice", alice.Fingerprint, "packages = [\"python3-*\"]\nchannels = [\"qa\"]\nkinds = [\"binary\"]"), ("keys/alice.asc", alice));
        await project.TagAsync("v6.8.0", alice);

        var verdict = await TagJudge.AcceptAsync(project, new("v6.8.0") { Package = "python3-pyside6", Channel = "qa", Kinds = [ReleaseKind.Binary] });

        Assert.AreEqual(("python3-pyside6", "6.8.0"), (verdict.Package, verdict.Version));
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow(null, "There is no maintainers.toml in commit")]
    [DataRow("", "names no maintainer, so nobody may release anything")]
    [DataRow("# nobody yet\n", "names no maintainer")]
    public async Task An_empty_or_missing_list_means_nobody(string? list, string words)
    {
        using var project = await TagProject.CreateAsync(list);
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);

        await TagJudge.RefuseAsync(project, Fault.MaintainersMissing, words);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_72_a_list_that_the_tag_brings_itself_does_not_count()
    {
        var (alice, mallory) = (await TestKey.Ed25519, await TestKey.Rsa);
        using var project = await TagProject.OfAliceAsync();
        var safe = project.Commit;
        await project.GitAsync("checkout", "-q", "-b", "evil");
        project.Write("maintainers.toml", TagProject.Entry("mallory", mallory.Fingerprint));
        project.Write("keys/mallory.asc", System.Text.Encoding.ASCII.GetString((await mallory.PublicAsync(armor: true)).Span));
        await project.CommitAsync("me, too");
        await project.TagAsync("v1.0.0", mallory);
        await project.TagAsync("v1.0.1", alice);
        await project.GitAsync("checkout", "-q", "main");

        var refusal = await TagJudge.RefuseAsync(project, Fault.TagSignerUnknown, safe);
        await TagJudge.RefuseAsync(project, Fault.TagVersionDiffers, "is for version 1.0.1", new("v1.0.1"));

        Assert.Contains("alice", refusal.Remedy, StringComparison.Ordinal);
        Assert.Contains($"\"list\":\"{safe}\"", project.Ledger, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_default_branch_of_origin_counts_before_the_branch_that_is_checked_out()
    {
        var (alice, mallory) = (await TestKey.Ed25519, await TestKey.Rsa);
        using var project = await TagProject.OfAliceAsync();
        var safe = project.Commit;
        await project.GitAsync("update-ref", "refs/remotes/origin/main", safe);
        await project.GitAsync("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main");
        project.Write("maintainers.toml", TagProject.Entry("alice", mallory.Fingerprint));
        await project.CommitAsync("me, too");
        await project.TagAsync("v1.0.0", alice);

        Assert.AreEqual(safe, (await TagJudge.AcceptAsync(project)).ListCommit);
        await TagJudge.RefuseAsync(project, Fault.TagSignerUnknown, "", await UnlistedAsync(project, mallory));

        static async Task<TagRequest> UnlistedAsync(TagProject project, TestKey key)
        {
            await project.TagAsync("v1.0.0", key);
            return new("v1.0.0");
        }
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("valid-from = 2099-01-01", "whose entry counts from 2099-01-01; the tag was signed on")]
    [DataRow("valid-until = 2020-12-31", "whose entry counts until 2020-12-31; the tag was signed on")]
    [DataRow("valid-from = 2020-01-01\nvalid-until = 2020-12-31", "whose entry counts from 2020-01-01 until 2020-12-31; the tag was signed on")]
    public async Task A_tag_from_outside_of_the_time_of_an_entry_is_refused(string span, string words)
    {
        var alice = await TestKey.Ed25519;
        using var project = await TagProject.CreateAsync(TagProject.Entry("alice", alice.Fingerprint, $"packages = [\"*\"]\nchannels = [\"stable\"]\n{span}"), ("keys/alice.asc", alice));
        await project.TagAsync("v1.0.0", alice);

        await TagJudge.RefuseAsync(project, Fault.TagNotPermitted, words);
    }

    [TestMethod]
    public void A_signer_whose_time_is_over_cannot_set_the_clock_back_but_what_was_accepted_stays_accepted()
    {
        var maintainer = TagValues.Maintainer with { ValidUntil = new(2025, 12, 31) };
        var tag = TagValues.Tag();
        var signer = new TagSigner(maintainer, maintainer.Key.Id, new(2025, 6, 1, 0, 0, 0, TimeSpan.Zero));
        var list = TagValues.ListOf(maintainer);
        var question = TagValues.Question with { Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero) };

        var refusal = Assert.ThrowsExactly<ReleaseException>(() => TagGate.Judge(tag, signer, list, question));
        var known = TagGate.Judge(tag, signer, list, question with { Accepted = [tag.Id] });
        var lastDay = TagGate.Judge(tag, signer, list, question with { Now = new(2025, 12, 31, 23, 59, 59, TimeSpan.Zero) });

        Assert.AreEqual(Fault.TagNotPermitted, refusal.Fault);
        Assert.Contains("until 2025-12-31; today is 2026-06-01", refusal.Message, StringComparison.Ordinal);
        Assert.AreEqual(("1.0.0", "1.0.0"), (known.Version, lastDay.Version));
    }

    [TestMethod]
    [DataRow(4, true)]
    [DataRow(6, false)]
    public void Two_clocks_may_differ_by_five_minutes(int minutes, bool accepted)
    {
        var signer = TagValues.Signer with { Made = TagValues.Question.Now.AddMinutes(minutes) };

        if (accepted)
        {
            Assert.AreEqual("1.0.0", TagGate.Judge(TagValues.Tag(), signer, TagValues.ListOf(signer.Maintainer), TagValues.Question).Version);
        }
        else
        {
            var refusal = Assert.ThrowsExactly<ReleaseException>(() => TagGate.Judge(TagValues.Tag(), signer, TagValues.ListOf(signer.Maintainer), TagValues.Question));
            Assert.AreEqual(Fault.TagSignatureBad, refusal.Fault);
        }
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_same_question_is_one_line_in_the_ledger_and_a_dry_run_none()
    {
        using var project = await TagProject.OfAliceAsync();
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);

        await TagJudge.AcceptAsync(project, new("v1.0.0") { IsDryRun = true });
        Assert.AreEqual("", project.Ledger);

        await TagJudge.AcceptAsync(project);
        await TagJudge.AcceptAsync(project);
        var facts = Ledger.Open(Ledger.PathIn(project.Root), new ListReporter()).Facts;

        Assert.HasCount(1, facts);
        Assert.AreEqual((FactKind.TagAccepted, "server", "1.0.0"), (facts[0].Kind, facts[0].Package, facts[0].Version));
        Assert.AreEqual($"{(await TestKey.Ed25519).Fingerprint} (alice)", facts[0].Who);
    }
}
