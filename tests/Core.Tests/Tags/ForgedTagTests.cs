using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Tags;

/// <summary>Tags that are signed by somebody who may, and are still not what they seem: names, targets and bytes.</summary>
[TestClass]
public sealed class ForgedTagTests
{
    private const int Patience = 60_000;

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_well_signed_tag_is_accepted_and_the_ledger_knows()
    {
        using var project = await TagProject.OfAliceAsync();
        var id = await project.TagAsync("v1.0.0", await TestKey.Ed25519);

        var verdict = await TagJudge.AcceptAsync(project);

        Assert.AreEqual((id, "server", "1.0.0", "stable", project.Commit, project.Commit), (verdict.Tag.Id, verdict.Package, verdict.Version, verdict.Channel, verdict.Commit, verdict.ListCommit));
        Assert.AreEqual("VERSION", verdict.Claims.Single().Position.File.Split(':')[1]);
        Assert.Contains("\"kind\":\"tag-accepted\"", project.Ledger, StringComparison.Ordinal);
        Assert.Contains(id, project.Ledger, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task What_git_itself_writes_and_signs_is_accepted()
    {
        using var project = await TagProject.OfAliceAsync();
        var alice = await TestKey.Ed25519;
        var program = Path.Combine(project.Root, ".git", "sign");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec gpg --homedir {alice.Home} \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await project.GitAsync("-c", $"gpg.program={program}", "tag", "-s", "-u", alice.Fingerprint, "-m", "The release\n\nwith\r\nreturns, ünïcödé and\n----- dashes", "v1.0.0");

        Assert.AreEqual("1.0.0", (await TagJudge.AcceptAsync(project)).Version);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_64_a_ref_that_points_to_the_tag_of_another_name_is_refused()
    {
        using var project = await TagProject.OfAliceAsync();
        var id = await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        await project.GitAsync("update-ref", "refs/tags/v2.0.0", id);

        await TagJudge.RefuseAsync(project, Fault.TagRenamed, $"refs/tags/v2.0.0 points to a tag object named \"v1.0.0\" ({id}).", new("v2.0.0"));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_ref_that_only_stands_for_another_is_refused()
    {
        using var project = await TagProject.OfAliceAsync();
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        await project.GitAsync("symbolic-ref", "refs/tags/v2.0.0", "refs/tags/v1.0.0");

        await TagJudge.RefuseAsync(project, Fault.TagRenamed, "only stands for refs/tags/v1.0.0", new("v2.0.0"));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_tag_of_another_commit_than_the_one_that_is_built_is_refused()
    {
        using var project = await TagProject.OfAliceAsync();
        var tagged = project.Commit;
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        var built = await project.CommitAsync("two");

        var named = await TagJudge.RefuseAsync(project, Fault.TagTargetWrong, $"tags commit {tagged}, and what is to be built is {built}", new("v1.0.0") { Commit = "HEAD" });
        await project.GitAsync("checkout", "-q", "--detach");
        await TagJudge.RefuseAsync(project, Fault.TagTargetWrong, built, new("v1.0.0") { Maintainers = "main" });

        Assert.Contains("git checkout --detach refs/tags/v1.0.0", named.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task On_a_branch_an_older_tag_can_be_looked_at_with_a_warning()
    {
        using var project = await TagProject.OfAliceAsync();
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        var head = await project.CommitAsync("two");
        var reporter = new ListReporter();

        var verdict = await new TagRun(await Workspace.OpenAsync(project.Root, null, CancellationToken.None), reporter).VerifyAsync(new("v1.0.0"), CancellationToken.None);

        Assert.AreNotEqual(head, verdict.Commit);
        Assert.Contains(head, reporter.Warnings.Single(), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_branch_of_the_same_name_is_refused_because_git_would_check_it_out()
    {
        using var project = await TagProject.OfAliceAsync();
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        await project.GitAsync("branch", "v1.0.0");

        await TagJudge.RefuseAsync(project, Fault.TagTargetWrong, "refs/heads/v1.0.0");
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("tag")]
    [DataRow("tree")]
    [DataRow("blob")]
    public async Task A_signed_tag_of_anything_but_a_commit_is_refused(string type)
    {
        using var project = await TagProject.OfAliceAsync();
        var alice = await TestKey.Ed25519;
        var target = type is "tag" ? await project.TagAsync("inner", alice) : await project.GitAsync("rev-parse", type is "tree" ? "HEAD^{tree}" : "HEAD:VERSION");
        var payload = project.Payload(target: target, type: type);
        await project.StoreAsync("v1.0.0", payload, await TagProject.SignAsync(payload, alice));

        await TagJudge.RefuseAsync(project, Fault.TagTargetWrong, $"tags the {type} {target} and not a commit");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_tag_whose_type_line_lies_about_its_target_is_refused()
    {
        using var project = await TagProject.OfAliceAsync();
        var tree = await project.GitAsync("rev-parse", "HEAD^{tree}");
        var payload = project.Payload(target: tree);
        await project.StoreAsync("v1.0.0", payload, await TagProject.SignAsync(payload, await TestKey.Ed25519));

        await TagJudge.RefuseAsync(project, Fault.TagTargetWrong, tree, new("v1.0.0") { Commit = "HEAD" });
        await TagJudge.RefuseAsync(project, Fault.TagTargetWrong, tree);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Lightweight_and_unsigned_tags_are_refused()
    {
        using var project = await TagProject.OfAliceAsync();
        await project.GitAsync("tag", "v1.0.0");
        await project.GitAsync("tag", "-a", "-m", "The release", "v1.0.1");

        await TagJudge.RefuseAsync(project, Fault.TagNotSigned, $"names the commit {project.Commit} itself");
        await TagJudge.RefuseAsync(project, Fault.TagNotSigned, "is not signed", new("v1.0.1"));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Two_signatures_are_refused_in_two_frames_and_in_one()
    {
        using var project = await TagProject.OfAliceAsync();
        var (alice, other) = (await TestKey.Ed25519, await TestKey.Rsa);
        var payload = project.Payload();
        var signature = await TagProject.SignAsync(payload, alice);
        await project.StoreAsync("v1.0.0", payload, signature, signature);

        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "2 signatures");

        // A good one by somebody else, around which the listed key signed again.
        var inner = (byte[])[.. payload, .. await TagProject.SignAsync(payload, other)];
        await project.StoreAsync("v1.0.0", inner, await TagProject.SignAsync(inner, alice));
        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "2 signatures");

        byte[] packets = [.. OpenPgp(signature), .. OpenPgp(signature)];
        await project.StoreAsync("v1.0.0", payload, Armor(packets));
        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "exactly one OpenPGP signature");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_signature_that_is_not_the_end_of_the_tag_is_refused()
    {
        using var project = await TagProject.OfAliceAsync();
        var payload = project.Payload();
        await project.StoreAsync("v1.0.0", payload, await TagProject.SignAsync(payload, await TestKey.Ed25519), "And this was added.\n"u8.ToArray());

        await TagJudge.RefuseAsync(project, Fault.TagMalformed, "something behind it");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task One_changed_byte_of_the_signed_text_is_refused()
    {
        using var project = await TagProject.OfAliceAsync();
        var payload = project.Payload();
        var signature = await TagProject.SignAsync(payload, await TestKey.Ed25519);
        await project.StoreAsync("v1.0.0", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(payload).Replace("The release", "the release", StringComparison.Ordinal)), signature);

        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "wrong signature");
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("carriage returns", "carriage return")]
    [DataRow("NUL", "NUL byte")]
    [DataRow("another header", "four lines")]
    [DataRow("a second object line", "four lines")]
    [DataRow("no tagger", "four lines")]
    [DataRow("an escape sequence in its name", "four lines")]
    [DataRow("more than 1 MiB", "at most 1048576")]
    [DataRow("a frame without its end", "not whole")]
    public async Task An_object_that_git_would_not_write_is_refused(string what, string words)
    {
        using var project = await TagProject.OfAliceAsync();
        var text = Encoding.UTF8.GetString(project.Payload());
        text = what switch
        {
            "carriage returns" => text.Replace("\n", "\r\n", StringComparison.Ordinal).Replace("\r\n\r\n", "\r\n\n", StringComparison.Ordinal).Replace("+0000\r\n\n", "+0000\r\n\n\n", StringComparison.Ordinal),
            "NUL" => text.Replace("The release", "The\0release", StringComparison.Ordinal),
            "another header" => text.Replace("\ntagger", "\nencoding x\ntagger", StringComparison.Ordinal),
            "a second object line" => text.Replace("type commit", $"object {project.Commit}\ntype commit", StringComparison.Ordinal),
            "no tagger" => string.Join('\n', text.Split('\n').Where(line => !line.StartsWith("tagger", StringComparison.Ordinal))),
            "an escape sequence in its name" => text.Replace("tag v1.0.0", "tag v1.0.0\u001b[2K", StringComparison.Ordinal),
            "more than 1 MiB" => text + new string('x', 1024 * 1024) + "\n",
            _ => text,
        };
        var payload = Encoding.UTF8.GetBytes(text);
        var signature = await TagProject.SignAsync(payload, await TestKey.Ed25519);
        await project.StoreAsync("v1.0.0", payload, what is "a frame without its end" ? signature[..^5] : signature);

        await TagJudge.RefuseAsync(project, Fault.TagMalformed, words);
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("-----BEGIN PGP MESSAGE-----")]
    [DataRow("-----BEGIN SIGNED MESSAGE-----")]
    public async Task A_signature_of_another_kind_is_refused(string begin)
    {
        using var project = await TagProject.OfAliceAsync();
        await project.StoreAsync("v1.0.0", project.Payload(), Encoding.ASCII.GetBytes(begin + "\n\nAAAA\n-----END-----\n"));

        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "of a kind that is not accepted");
    }

    [TestMethod]
    public void A_tag_that_is_not_there_is_no_refusal_but_a_mistake()
    {
        var failure = Assert.ThrowsExactly<ReleaseException>(() => DotnetRelease.Tags.TagName.Parse("--upload-pack=touch"));

        Assert.AreEqual(Fault.Usage, failure.Fault);
        Assert.AreEqual(ExitCode.Usage, Fault.TagUnknown.Exit);
    }

    private static byte[] OpenPgp(byte[] armored) =>
        Convert.FromBase64String(string.Concat(Encoding.ASCII.GetString(armored).Split('\n').SkipWhile(line => line.Length > 0).TakeWhile(line => line is not ['=' or '-', ..])));

    private static byte[] Armor(byte[] packets) =>
        Encoding.ASCII.GetBytes($"-----BEGIN PGP SIGNATURE-----\n\n{Convert.ToBase64String(packets)}\n-----END PGP SIGNATURE-----\n");
}
