using DotnetRelease.Building;
using DotnetRelease.Core.Tests.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class CollectRunTests(TestContext test)
{
    private const int Patience = 60_000;
    private const string Binary = "artifacts/rpm-1/dist/coltest-1.0-1.noarch.rpm";
    private const string Source = "artifacts/rpm-1/dist/coltest-1.0-1.src.rpm";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Proven_packages_and_their_statements_come_into_the_result_folder()
    {
        using var project = await DownloadedAsync();
        project.Write("dist/rpm/local/coltest-0.9-1.noarch.rpm", "older");
        project.Write("dist/rpm/local/coltest-0.9-1.noarch" + Provenance.Suffix, project.Read(StatementOf(Binary)).Replace("1.0-1", "0.9-1", StringComparison.Ordinal));
        var run = Run(project);

        var results = await run.CommitAsync(await run.ProveAsync([project["artifacts"]], Ct), "dist/rpm", Ct);

        Assert.AreEqual("coltest local Built", string.Join(';', results.Select(result => $"{result.Rpm} {result.Target} {result.State}")));
        CollectionAssert.AreEqual(
            (string[])
            [
                "coltest-1.0-1.noarch.provenance.json", "coltest-1.0-1.noarch.rpm", "coltest-1.0-1.noarch.spdx.json",
                "coltest-1.0-1.src.provenance.json", "coltest-1.0-1.src.rpm", "coltest-1.0-1.src.spdx.json",
            ],
            Directory.EnumerateFiles(project["dist/rpm/local"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray());
        Assert.HasCount(1, await new BuildRecords(new KnownDigests(project["known"])).ReadAsync(project["dist/rpm/local"], Ct));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_same_artefact_in_two_folders_is_one_build()
    {
        using var project = await DownloadedAsync();
        foreach (var path in Directory.EnumerateFiles(project["artifacts/rpm-1/dist"]))
        {
            Directory.CreateDirectory(project["artifacts/rpm-2"]);
            File.Copy(path, project["artifacts/rpm-2/" + Path.GetFileName(path)]);
        }

        Assert.HasCount(1, await Run(project).ProveAsync([project["artifacts"]], Ct));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(Binary, 4)]
    [DataRow(Source, 1)]
    public async Task A_package_that_changed_on_the_way_is_refused(string altered, int fromEnd)
    {
        using var project = await DownloadedAsync();
        var bytes = await File.ReadAllBytesAsync(project[altered], Ct);
        bytes[^fromEnd] ^= 1;
        await File.WriteAllBytesAsync(project[altered], bytes, Ct);

        await RefusedAsync(project, Fault.RpmDamaged);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task An_SBOM_that_changed_on_the_way_is_refused()
    {
        using var project = await DownloadedAsync();
        const string sbom = "artifacts/rpm-1/dist/coltest-1.0-1.noarch.spdx.json";
        project.Write(sbom, project.Read(sbom).Replace("GENERATED_FROM", "VARIANT_OF", StringComparison.Ordinal));

        await RefusedAsync(project, Fault.CollectAltered);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Another_good_package_under_the_name_is_refused()
    {
        using var project = await DownloadedAsync();
        File.Copy((await RpmFactory.BuildAsync(new("coltest") { Install = "mkdir -p %{buildroot}/usr/share/%{name}" })).Binary, project[Binary], overwrite: true);

        await RefusedAsync(project, Fault.CollectAltered);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_package_without_a_statement_is_refused_also_when_all_others_are_good()
    {
        using var project = await DownloadedAsync();
        File.Copy((await RpmFactory.BuildAsync(new("stray"))).Binary, project["artifacts/stray-1.0-1.noarch.rpm"]);

        Assert.Contains("stray-1.0-1.noarch.rpm", (await RefusedAsync(project, Fault.CollectUnknown)).Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("{}")]
    [DataRow("no JSON")]
    [DataRow("{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":null}")]
    public async Task A_statement_that_is_none_is_refused(string text)
    {
        using var project = await DownloadedAsync();
        project.Write(StatementOf(Binary), text);

        await RefusedAsync(project, Fault.CollectUnknown);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("\"target\": \"local\"", "\"target\": \"other\"")]
    [DataRow("\"rpm\": \"coltest\"", "\"rpm\": \"another\"")]
    [DataRow("\"arch\": \"x86_64\"", "\"arch\": \"aarch64\"")]
    public async Task A_statement_about_a_build_that_nobody_planned_is_refused(string said, string lie)
    {
        using var project = await DownloadedAsync();
        project.Write(StatementOf(Binary), project.Read(StatementOf(Binary)).Replace(said, lie, StringComparison.Ordinal));

        await RefusedAsync(project, Fault.CollectUnknown);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_build_from_other_inputs_is_refused_and_both_keys_are_named()
    {
        using var project = await DownloadedAsync();
        var planned = TestJob.Of("coltest").Target;
        var other = Digest.Of("another commit");
        foreach (var path in (string[])[Binary, Source])
        {
            project.Write(StatementOf(path), project.Read(StatementOf(path)).Replace(planned.InputsKey.Hex, other.Hex, StringComparison.Ordinal));
        }

        var refusal = await RefusedAsync(project, Fault.CollectUnknown);
        Assert.Contains(planned.InputsKey.Hex, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(other.Hex, refusal.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("/../../../etc/passwd")]
    [DataRow("-rf.rpm")]
    public async Task A_name_that_leads_away_is_refused(string name)
    {
        using var project = await DownloadedAsync();
        project.Write(StatementOf(Binary), project.Read(StatementOf(Binary)).Replace("\"name\": \"coltest-1.0-1.src.rpm\"", $"\"name\": \"{name}\"", StringComparison.Ordinal));

        await RefusedAsync(project, Fault.CollectAltered);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(Binary)]
    [DataRow(Source)]
    [DataRow("artifacts/rpm-1/dist/coltest-1.0-1.src.provenance.json")]
    [DataRow("artifacts/rpm-1/dist/coltest-1.0-1.src.spdx.json")]
    public async Task Half_a_build_is_refused(string missing)
    {
        using var project = await DownloadedAsync();
        File.Delete(project[missing]);

        await RefusedAsync(project, Fault.CollectMissing);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_cell_of_the_plan_that_nobody_built_is_named()
    {
        using var project = await DownloadedAsync();
        Directory.Delete(project["artifacts"], recursive: true);
        Directory.CreateDirectory(project["artifacts"]);

        Assert.Contains("coltest on local (x86_64)", (await RefusedAsync(project, Fault.CollectMissing)).Message, StringComparison.Ordinal);
    }

    private async Task<ReleaseException> RefusedAsync(Scratch project, Fault fault)
    {
        var refusal = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Run(project).ProveAsync([project["artifacts"]], Ct));
        Assert.AreEqual(fault, refusal.Fault, refusal.Message);
        Assert.IsFalse(Directory.Exists(project["dist"]));
        return refusal;
    }

    private static CollectRun Run(Scratch project)
    {
        var settings = Settings.Parse("[project]\nname = 'p'\nlockfiles = []\n[[rpm]]\nname = 'coltest'\n[target.local]\nimage = 'rootfs:distro.tar'\n", "release.toml");
        return new CollectRun(new Workspace(project.Root, settings), new ReleasePlan([TestJob.Of("coltest").Rpm], []));
    }

    private static string StatementOf(string package) => package[..^".rpm".Length] + Provenance.Suffix;

    private async Task<Scratch> DownloadedAsync()
    {
        var project = new Scratch();
        await TestResults.WriteAsync(project["artifacts/rpm-1/dist"], "coltest", Ct);
        return project;
    }
}
