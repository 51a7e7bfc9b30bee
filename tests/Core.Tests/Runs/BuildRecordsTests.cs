using DotnetRelease.Building;
using DotnetRelease.Core.Tests.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class BuildRecordsTests(TestContext test)
{
    private const int Patience = 60_000;
    private const string Binary = "rectest-1.0-1.noarch.rpm";
    private const string Source = "rectest-1.0-1.src.rpm";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_build_of_two_packages_is_one_record()
    {
        using var results = await ResultsAsync();

        var record = (await ReadAsync(results)).Single();

        Assert.AreEqual("rectest local", $"{record.Rpm} {record.Target}");
        Assert.HasCount(2, record.Files);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_signed_package_is_still_what_was_built()
    {
        using var results = await ResultsAsync();
        var key = await TestKey.Ed25519;
        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
        await signer.SignAsync([results[Binary], results[Source]], Ct);

        Assert.HasCount(1, await ReadAsync(results));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(Binary)]
    [DataRow(Source)]
    public async Task One_missing_package_makes_it_none(string missing)
    {
        using var results = await ResultsAsync();
        File.Delete(results[missing]);

        Assert.IsEmpty(await ReadAsync(results));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(Binary, true)]
    [DataRow(Source, true)]
    [DataRow(Binary, false)]
    public async Task One_altered_package_makes_it_none(string altered, bool last)
    {
        using var results = await ResultsAsync();
        var bytes = await File.ReadAllBytesAsync(results[altered], Ct);
        bytes[last ? ^1 : 0] ^= 1;
        await File.WriteAllBytesAsync(results[altered], bytes, Ct);

        Assert.IsEmpty(await ReadAsync(results));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Another_good_package_under_the_name_makes_it_none()
    {
        using var results = await ResultsAsync();
        File.Copy((await RpmFactory.BuildAsync(new("rectest") { Install = "mkdir -p %{buildroot}/usr/share/%{name}" })).Binary, results[Binary], overwrite: true);

        Assert.IsEmpty(await ReadAsync(results));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Packages_without_a_statement_and_statements_of_others_are_none()
    {
        using var results = await ResultsAsync();
        foreach (var statement in Directory.EnumerateFiles(results.Root, "*" + Provenance.Suffix))
        {
            await File.WriteAllTextAsync(statement, "{}", Ct);
        }

        Assert.IsEmpty(await ReadAsync(results));
        Assert.IsEmpty(await new BuildRecords(new KnownDigests(results["known"])).ReadAsync(results["no-such-folder"], Ct));
    }

    private async Task<BuildRecord[]> ReadAsync(Scratch results) => [.. await new BuildRecords(new KnownDigests(results["known"])).ReadAsync(results.Root, Ct)];

    private async Task<Scratch> ResultsAsync()
    {
        var results = new Scratch();
        await TestResults.WriteAsync(results.Root, "rectest", Ct);
        return results;
    }
}
