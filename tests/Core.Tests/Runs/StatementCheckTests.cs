using DotnetRelease.Building;
using DotnetRelease.Core.Tests.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class StatementCheckTests(TestContext test)
{
    private const int Patience = 60_000;
    private const string Package = "saytest-1.0-1.noarch.rpm";
    private const string Statement = "saytest-1.0-1.noarch.provenance.json";
    private const string Document = "saytest-1.0-1.noarch.spdx.json";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_statement_about_the_package_tells_what_it_was_built_from_also_when_the_package_was_signed(bool isSigned)
    {
        using var folder = await FolderAsync();
        if (isSigned)
        {
            var key = await TestKey.Ed25519;
            await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
            await signer.SignAsync([folder[Package]], Ct);
        }

        var statement = (await CheckAsync(folder))!;

        Assert.AreEqual($"saytest local x86_64 {TestJob.Of("saytest").Target.InputsKey}", $"{statement.Record.Rpm} {statement.Record.Target} {statement.Record.Arch} {statement.Record.InputsKey}");
        Assert.AreEqual(1_763_596_800, statement.Epoch.ToUnixTimeSeconds());
        CollectionAssert.AreEqual(
            (string[])["image", "spec", "build-root", "build-root"], statement.Materials.Select(material => material.Role).ToArray());
        Assert.AreEqual($"rpmHeaderSha256:{Digest.Of("header of gcc").Hex}", statement.Materials[2].Digest);
        Assert.IsNull(statement.Materials[3].Digest);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_package_without_a_statement_comes_from_nowhere_in_particular()
    {
        using var folder = await FolderAsync();
        File.Delete(folder[Statement]);

        Assert.IsNull(await CheckAsync(folder));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_statement_about_other_contents_of_the_same_name_is_refused()
    {
        using var folder = await FolderAsync();
        File.Copy((await RpmFactory.BuildAsync(new("saytest") { Install = "mkdir -p %{buildroot}/usr/share/%{name}" })).Binary, folder[Package], overwrite: true);

        await RefusedAsync(folder, Fault.StatementContradicts);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_statement_about_another_package_of_the_build_is_refused()
    {
        using var folder = await FolderAsync();
        File.Copy((await RpmFactory.BuildAsync(new("saytest"))).Source, folder[Package], overwrite: true);

        await RefusedAsync(folder, Fault.StatementContradicts);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(Document, "GENERATED_FROM", "VARIANT_OF", "REL4011")]
    [DataRow(Statement, "\"inputs\": \"", "\"inputs\": \"x", "REL4012")]
    [DataRow(Statement, "\"sourceDateEpoch\": 1", "\"sourceDateEpoch\": true, \"x\": 1", "REL4012")]
    [DataRow(Statement, "\"role\": \"image\"", "\"role\": 7", "REL4012")]
    public async Task What_was_changed_afterwards_is_refused(string file, string said, string now, string id)
    {
        using var folder = await FolderAsync();
        Assert.Contains(said, folder.Read(file), StringComparison.Ordinal);
        folder.Write(file, folder.Read(file).Replace(said, now, StringComparison.Ordinal));

        var refusal = await Assert.ThrowsExactlyAsync<ReleaseException>(() => CheckAsync(folder));

        Assert.AreEqual(id, refusal.Fault.Id, refusal.Message);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_package_that_came_without_its_SBOM_is_fine()
    {
        using var folder = await FolderAsync();
        File.Delete(folder[Document]);

        Assert.IsNotNull(await CheckAsync(folder));
    }

    private async Task RefusedAsync(Scratch folder, Fault fault) =>
        Assert.AreEqual(fault, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => CheckAsync(folder))).Fault);

    private async Task<BuildStatement?> CheckAsync(Scratch folder) => await StatementCheck.ReadAsync(await RpmFile.ReadAsync(folder[Package], Ct), Ct);

    private async Task<Scratch> FolderAsync()
    {
        var folder = new Scratch();
        await TestResults.WriteAsync(folder.Root, "saytest", Ct);
        return folder;
    }
}
