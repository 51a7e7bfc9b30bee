using DotnetRelease.Fixtures;
using DotnetRelease.Metadata;
using DotnetRelease.Processes;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Distro.Tests.Repositories;

/// <summary>dnf itself reads the notices that changelogs give, in metadata of either compression, and updates by them.</summary>
[TestClass]
public sealed class NoticesTests(TestContext test)
{
    private const string Script = """
        cp /srv/repo/demo/local/demo-qa.repo /etc/yum.repos.d/
        only() { dnf -q -y --disablerepo='*' --enablerepo=demo-qa "$@"; }
        only install noticed-1.0 && only updateinfo list && only updateinfo info && only upgrade --security && rpm -q noticed
        """;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(300_000, CooperativeCancellation = true)]
    [DataRow(MetadataCompression.Gzip)]
    [DataRow(MetadataCompression.Zstd)]
    public async Task Dnf_lists_the_vulnerability_and_upgrades_because_of_it(MetadataCompression compression)
    {
        using var scratch = new Scratch();
        var key = await TestKey.Rsa;
        var address = new RepositoryAddress("qa", scratch["repo"], "{project}/{target}", "file:///srv/repo") { Style = new SnapshotStyle { Compression = compression } };
        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
        string[] files = [await CopyAsync(scratch, "1.0", "First"), await CopyAsync(scratch, "1.1", "Fixes CVE-2026-12345 (rhbz#42)")];
        var signed = (await signer.SignAsync([.. files], Ct)).Select(result => result.Rpm);
        await new Publisher(new ListReporter(), TimeProvider.System).PublishAsync(
            new PublishRequest(RepositoryPlace.Of(address, "demo", "local", "x86_64"), [.. signed], await MetadataKey.FindAsync(key.Gpg, key.Fingerprint, Ct)) { Project = "demo" }, Ct);

        var tool = Path.Combine(AppContext.BaseDirectory, "dotnet-release.dll");
        var dnf = new Command("dotnet", tool, "run", $"rootfs:{await SharedMachine.Distro}", "--network", "none", "--volume", $"{scratch["repo"]}:/srv/repo:ro", "--", "sh", "-c", Script);
        var outcome = await Exec.RunAsync(
            dnf.With("HOME", scratch.Root).With("DOTNET_RELEASE_CACHE", SharedMachine.Places.Cache).With("DOTNET_RELEASE_DATA", SharedMachine.Places.Data), Ct);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Output + outcome.Error);
        Assert.Contains("demo-noticed-1.1-1", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("CVEs: CVE-2026-12345", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Type: security", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith("noticed-1.1-1.noarch", outcome.Output.TrimEnd(), StringComparison.Ordinal);
    }

    private static async Task<string> CopyAsync(Scratch scratch, string version, string change)
    {
        var built = await RpmFactory.BuildAsync(new RpmRecipe("noticed", version) { Rest = $"%changelog\n* Thu Nov 20 2025 A Tester <a@example.org> - {version}-1\n- {change}\n" });
        var copy = scratch[Path.GetFileName(built.Binary)];
        File.Copy(built.Binary, copy);
        return copy;
    }
}
