using DotnetRelease.Distro.Tests.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Repositories;

/// <summary>What users do with the release package: install it with the key that they have, then use the repository and get the next key.</summary>
[TestClass]
public sealed class ReleasePackageTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(300_000, CooperativeCancellation = true)]
    public async Task Dnf_installs_it_with_every_check_on_and_finds_the_repository_and_both_keys()
    {
        await using var person = Person.Us();
        var (key, next) = (await TestKey.Rsa, await TestKey.RsaWithSubkey);
        await key.Gpg.ImportAsync(await next.PublicAsync(), Ct);
        await File.WriteAllTextAsync(Path.Combine(person.Home, "release.toml"), $"""
            [project]
            name = "demo"
            [target.local]
            image = "rootfs:distro.tar"
            [signing]
            key = "{key.Fingerprint}"
            next-key = "{next.Fingerprint}"
            [repository.prod]
            url = "file:./repo"
            base-url = "file:///srv/repo/"
            """, Ct);
        await File.WriteAllBytesAsync(Path.Combine(person.Home, "key.asc"), (await key.PublicAsync(armor: true)).ToArray(), Ct);
        string[][] steps = [["repo", "release-rpm", "--version", "1"], ["sign", "dist/rpm/local/demo-release-1-1.noarch.rpm"], ["publish"]];
        foreach (var step in steps)
        {
            await Exec.ReadAsync(person.Tool(step).With("GNUPGHOME", key.Home), Ct);
        }

        const string script = """
            set -e
            ! dnf -y install --setopt=localpkg_gpgcheck=1 --disablerepo='*' /srv/repo/demo/local/demo-release-1-1.noarch.rpm
            rpm --import /srv/key.asc
            dnf -y install --setopt=localpkg_gpgcheck=1 --disablerepo='*' /srv/repo/demo/local/demo-release-1-1.noarch.rpm
            dnf -y --disablerepo='*' --enablerepo=demo-prod makecache
            dnf -q --disablerepo='*' --enablerepo=demo-prod repoquery --available
            ls /etc/pki/rpm-gpg | grep demo-prod
            rpm -V demo-release
            echo whole
            """;
        var outcome = await Exec.RunAsync(
            person.Tool("run", $"rootfs:{await SharedMachine.Distro}", "--volume", "repo:/srv/repo:ro", "--volume", "key.asc:/srv/key.asc:ro", "--", "sh", "-c", script), Ct);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Output + outcome.Error);
        Assert.EndsWith("whole\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("demo-release-0:1-1.noarch", outcome.Output, StringComparison.Ordinal);
        foreach (var one in (TestKey[])[key, next])
        {
            Assert.Contains($"RPM-GPG-KEY-demo-prod-{one.Fingerprint[^16..].ToLowerInvariant()}", outcome.Output, StringComparison.Ordinal);
        }
    }
}
