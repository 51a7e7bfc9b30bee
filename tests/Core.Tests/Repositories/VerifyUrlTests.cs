using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>A repository behind a real web server, and everything that may be wrong with it (cases 55, 56, 62).</summary>
[TestClass]
public sealed class VerifyUrlTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_sound_repository_is_read_as_dnf_reads_it_and_packages_only_when_asked()
    {
        await using var web = await WebBench.StartAsync(Ct);
        var key = await TestKey.Rsa;

        var quick = await web.VerifyAsync(key, request => request with { Id = "demo-qa" });
        var asked = web.Server.Requests;
        var deep = await web.VerifyAsync(key, request => request with { Deep = true });

        Assert.AreEqual("", RepositoryBench.Problems(quick));
        Assert.AreEqual("", string.Join('\n', quick.Warnings));
        CollectionAssert.AreEqual(
            new[] { "repomd.xml", "revision.signed", "demo-qa.repo", "RPM-GPG-KEY-demo-qa", "web-1.0-1.noarch.rpm", "web-1.0-1.src.rpm" },
            quick.Items.Select(item => Path.GetFileName(item.Path)).ToArray());
        Assert.Contains("HEAD /demo/local/web-1.0-1.noarch.rpm", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("GET /demo/local/web-1.0-1.noarch.rpm", asked, StringComparison.Ordinal);
        Assert.AreEqual("", RepositoryBench.Problems(deep));
        Assert.AreEqual(key.Fingerprint, deep.Items[^1].Signer);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("repodata/repomd.xml.asc", "flip", "repomd.xml REL5006")]
    [DataRow("repodata/repomd.xml.asc", "remove", "repomd.xml REL5006")]
    [DataRow("repodata/repomd.xml", "flip", "repomd.xml REL5")]
    [DataRow("repodata/repomd.xml", "remove", "repomd.xml REL5002")]
    [DataRow("repodata/*-primary.xml.gz", "flip", "repomd.xml REL5006")]
    [DataRow("repodata/*-filelists.xml.gz", "cut", "repomd.xml REL5006")]
    [DataRow("repodata/*-other.xml.gz", "remove", "repomd.xml REL5002")]
    [DataRow("repodata/revision.signed", "flip", "revision.signed REL50")]
    [DataRow("repodata/revision.signed", "cut", "revision.signed REL5040")]
    [DataRow("demo-qa.repo", "remove", "demo-qa.repo REL5006")]
    [DataRow("RPM-GPG-KEY-demo-qa", "flip", "RPM-GPG-KEY-demo-qa REL")]
    [DataRow("RPM-GPG-KEY-demo-qa", "remove", "RPM-GPG-KEY-demo-qa REL5006")]
    [DataRow("web-1.0-1.noarch.rpm", "flip", "web-1.0-1.noarch.rpm REL5006")]
    [DataRow("web-1.0-1.noarch.rpm", "cut", "web-1.0-1.noarch.rpm REL5006")]
    [DataRow("web-1.0-1.src.rpm", "remove", "web-1.0-1.src.rpm REL5006")]
    public async Task One_byte_anywhere_is_found(string file, string how, string problem)
    {
        await using var web = await WebBench.StartAsync(Ct);
        var path = web.File(file);
        var bytes = await File.ReadAllBytesAsync(path, Ct);
        if (how is "remove")
        {
            File.Delete(path);
        }
        else
        {
            bytes[^100] ^= 1;
            await File.WriteAllBytesAsync(path, how is "cut" ? bytes[..^1] : bytes, Ct);
        }

        var report = await web.VerifyAsync(await TestKey.Rsa, request => request with { Deep = true, Id = "demo-qa" });

        Assert.IsFalse(report.Ok);
        Assert.StartsWith(problem, RepositoryBench.Problems(report), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Another_key_vouches_for_nothing()
    {
        await using var web = await WebBench.StartAsync(Ct);

        var report = await web.VerifyAsync(await TestKey.Ed25519, request => request with { Deep = true });

        CollectionAssert.AreEqual(
            new[] { "repomd.xml REL5006", "revision.signed REL5006", "web-1.0-1.noarch.rpm REL4004", "web-1.0-1.src.rpm REL4004" },
            RepositoryBench.Problems(report).Split('\n').Select(line => string.Join(' ', line.Split(' ')[..2])).ToArray());
    }

    // dangerzone packages#54: the key moved, and what was set up years ago broke.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task An_old_address_of_the_key_has_to_answer_still_and_with_the_same_key()
    {
        await using var web = await WebBench.StartAsync(Ct, "location = /old.asc { return 301 /demo/local/RPM-GPG-KEY-demo-qa; }");
        web.Bench.Scratch.Write("repo/other.asc", "no key at all");
        var other = Path.Combine(web.Bench.Scratch["repo"], "stranger.asc");
        await File.WriteAllBytesAsync(other, await (await TestKey.Ed25519).PublicAsync(armor: true), Ct);

        var report = await web.VerifyAsync(await TestKey.Rsa, request => request with
        {
            KeyUrls = [new Uri($"{web.Server.Url}old.asc"), new Uri($"{web.Server.Url}gone.asc"), new Uri($"{web.Server.Url}stranger.asc"), new Uri($"{web.Server.Url}other.asc")],
        });

        var byName = report.Items.ToDictionary(item => Path.GetFileName(item.Path), item => item.Problems.Select(problem => problem.Fault.Id).FirstOrDefault() ?? "", StringComparer.Ordinal);
        Assert.AreEqual("", byName["RPM-GPG-KEY-demo-qa"]);
        Assert.AreEqual("", byName["old.asc"], "a redirect is an answer");
        Assert.AreEqual("REL2002", byName["gone.asc"]);
        Assert.AreEqual("REL5006", byName["stranger.asc"]);
        Assert.AreEqual("REL4010", byName["other.asc"]);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("repo_gpgcheck=1", "repo_gpgcheck=0", "says repo_gpgcheck=0: clients would take metadata that nobody signed")]
    [DataRow("gpgcheck=1", "gpgcheck=0", "says gpgcheck=0: clients would take packages that nobody signed")]
    [DataRow("baseurl=", "baseurl=https://elsewhere.example.org/#", "sends clients to https://elsewhere.example.org/#")]
    [DataRow("gpgkey=", "#gpgkey=", "names no gpgkey")]
    [DataRow("[demo-qa]", "[demo]", "has no section [demo-qa]")]
    [DataRow("enabled=1", "what is this", "neither a section, nor a key")]
    public async Task A_repo_file_that_sets_clients_up_wrongly_is_found(string old, string wrong, string problem)
    {
        await using var web = await WebBench.StartAsync(Ct);
        var path = web.File("demo-qa.repo");
        var lines = (await File.ReadAllLinesAsync(path, Ct)).Select(line => line.StartsWith(old, StringComparison.Ordinal) ? wrong + line[old.Length..] : line);
        await File.WriteAllLinesAsync(path, lines, Ct);

        var report = await web.VerifyAsync(await TestKey.Rsa);

        Assert.Contains(problem, RepositoryBench.Problems(report), StringComparison.Ordinal);
    }

    // Case 55.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task An_old_repository_with_its_old_signatures_is_a_rollback_to_whoever_knows_more()
    {
        await using var web = await WebBench.StartAsync(Ct);
        var key = await TestKey.Rsa;
        var old = web.Copy();
        var revision = (await web.VerifyAsync(key)).Revision!.Value;
        await web.PublishAsync("newer");
        var record = await File.ReadAllBytesAsync(web.File("repodata/revision.signed"), Ct);
        foreach (var (path, bytes) in old)
        {
            await File.WriteAllBytesAsync(path, bytes, Ct);
        }

        var byLedger = await web.VerifyAsync(key, request => request with { LedgerRevision = revision + 1 });
        var byNobody = await web.VerifyAsync(key);
        await File.WriteAllBytesAsync(web.File("repodata/revision.signed"), record, Ct);
        var byRecord = await web.VerifyAsync(key);

        Assert.Contains($"it has revision {revision}, below the ledger's {revision + 1}", RepositoryBench.Problems(byLedger), StringComparison.Ordinal);
        Assert.StartsWith("repomd.xml REL5041", RepositoryBench.Problems(byLedger), StringComparison.Ordinal);
        Assert.AreEqual("", RepositoryBench.Problems(byNobody), "which is why there are a record and a ledger");
        Assert.Contains($"below {revision + 1}, which was published on", RepositoryBench.Problems(byRecord), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_record_that_nobody_renewed_is_a_warning_and_so_is_none_at_all()
    {
        await using var web = await WebBench.StartAsync(Ct);
        var key = await TestKey.Rsa;

        var old = await web.VerifyAsync(key, request => request with { Now = request.Now.AddDays(91) });
        File.Delete(web.File("repodata/revision.signed"));
        var none = await web.VerifyAsync(key, request => request with { Id = "demo-qa" });

        Assert.IsTrue(old.Ok);
        Assert.Contains("was signed 91 days ago", old.Warnings.Single(), StringComparison.Ordinal);
        Assert.IsTrue(none.Ok);
        Assert.Contains("revision.signed' is missing", none.Warnings.Single(), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_repository_of_another_target_in_its_place_is_found_although_the_same_key_signed_it()
    {
        await using var web = await WebBench.StartAsync(Ct);

        var report = await web.VerifyAsync(await TestKey.Rsa, request => request with { Id = "demo-prod" });

        Assert.Contains("speaks of the repository 'demo-qa', and 'demo-prod' was expected here", RepositoryBench.Problems(report), StringComparison.Ordinal);
    }

    // Case 56: within limits, and nothing else is asked for.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("huge", "repomd.xml REL5002")]
    [DataRow("<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]><repomd>&b;</repomd>", "repomd.xml REL5002")]
    [DataRow("<!DOCTYPE repomd SYSTEM \"http://127.0.0.1:1/evil.dtd\"><repomd/>", "repomd.xml REL5002")]
    [DataRow("../../etc/passwd", "repomd.xml REL5002")]
    [DataRow("http://127.0.0.1:1/x", "repomd.xml REL5002")]
    public async Task Hostile_metadata_is_refused_within_limits(string what, string problem)
    {
        await using var web = await WebBench.StartAsync(Ct);
        var path = web.File("repodata/repomd.xml");
        if (what is "huge")
        {
            await using var huge = File.OpenWrite(path);
            huge.SetLength(2L * 1024 * 1024 * 1024);
        }
        else
        {
            var xml = await File.ReadAllTextAsync(path, Ct);
            await File.WriteAllTextAsync(path, what.StartsWith('<') ? what : xml.Replace("href=\"repodata/", $"href=\"{what}", StringComparison.Ordinal), Ct);
        }

        var before = web.Server.Requests.Length;
        var report = await web.VerifyAsync(await TestKey.Rsa);

        Assert.StartsWith(problem, RepositoryBench.Problems(report), StringComparison.Ordinal);
        Assert.HasCount(1, web.Server.Requests[before..].TrimEnd().Split('\n'));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_server_that_is_not_there_and_a_place_without_metadata_are_two_problems()
    {
        await using var web = await WebBench.StartAsync(Ct);
        var key = await TestKey.Rsa;
        Directory.Delete(web.Bench.Repodata, recursive: true);

        var empty = await web.VerifyAsync(key);
        await web.Server.StopAsync();
        var silent = await web.VerifyAsync(key);

        Assert.StartsWith("repomd.xml REL5002", RepositoryBench.Problems(empty), StringComparison.Ordinal);
        Assert.Contains("is missing: there is no repository", RepositoryBench.Problems(empty), StringComparison.Ordinal);
        Assert.StartsWith("repomd.xml REL2006", RepositoryBench.Problems(silent), StringComparison.Ordinal);
    }
}
