using DotnetRelease.Distro.Tests.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Repositories;

/// <summary>
/// One client that lives through the life of a repository: dnf itself, with <c>gpgcheck=1</c> and <c>repo_gpgcheck=1</c> and one cache, after each
/// command that changed what is served.
/// </summary>
[TestClass]
public sealed class LifeInstallTests(TestContext test)
{
    private const string Served = "prod/demo/local";

    private static readonly string[] Acts = ["first", "promoted", "rolled-back", "next", "withdrawn", "pruned"];

    /// <summary>The container sees what was served after each act, one after the other, under one address.</summary>
    private const string Client = """
        set -e
        cp /srv/acts/promoted/demo-prod.repo /etc/yum.repos.d/
        only() { dnf -q -y --disablerepo='*' --enablerepo=demo-prod "$@"; }
        serve() { rm -rf /repo/demo && mkdir -p /repo/demo && cp -a /srv/acts/$1 /repo/demo/local && only --refresh makecache; }
        offered() { echo "$1: offered" $(only repoquery --available life | sort); }
        installed() { echo "$1: installed $(rpm -q life)"; }
        refused() { if only install life-$2; then exit 1; fi; echo "$1: refused $2"; }

        serve first && only install life && installed first
        serve promoted && offered promoted && only upgrade life && installed promoted
        only remove life && serve rolled-back && offered rolled-back && refused rolled-back 1.1 && only install life && installed rolled-back
        serve next && only upgrade life && installed next
        only remove life && serve withdrawn && offered withdrawn && refused withdrawn 1.2 && only install life && installed withdrawn
        only remove life && serve pruned && offered pruned && refused pruned 1.0 && only install life && installed pruned
        """;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(300_000, CooperativeCancellation = true)]
    public async Task Dnf_follows_promotion_rollback_withdrawal_and_pruning()
    {
        await using var person = Person.Us();
        var project = new Maintainer(person, await TestKey.Rsa, Ct);
        await project.WriteSettingsAsync();
        await project.PromoteNewAsync("1.0", "first");
        await project.PromoteNewAsync("1.1", "promoted");
        await project.ActAsync("rolled-back", "repo", "rollback", "prod");
        await project.PromoteNewAsync("1.2", "next");
        await project.ActAsync("withdrawn", "repo", "withdraw", "prod", "life-1.2-1");
        await project.PromoteNewAsync("1.3", "last");
        await project.ActAsync("pruned", "repo", "prune", "prod", "--keep", "1");
        Assert.Contains("gpgcheck=1\nrepo_gpgcheck=1", await File.ReadAllTextAsync(Path.Combine(person.Home, Served, "demo-prod.repo"), Ct), StringComparison.Ordinal);

        var outcome = await Exec.RunAsync(
            person.Tool("run", $"rootfs:{await SharedMachine.Distro}", "--network", "none", "--volume", "acts:/srv/acts:ro", "--", "sh", "-c", Client), Ct);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Output + outcome.Error);
        Assert.AreEqual(
            """
            first: installed life-1.0-1.noarch
            promoted: offered life-0:1.0-1.noarch life-0:1.1-1.noarch
            promoted: installed life-1.1-1.noarch
            rolled-back: offered life-0:1.0-1.noarch
            rolled-back: refused 1.1
            rolled-back: installed life-1.0-1.noarch
            next: installed life-1.2-1.noarch
            withdrawn: offered life-0:1.0-1.noarch
            withdrawn: refused 1.2
            withdrawn: installed life-1.0-1.noarch
            pruned: offered life-0:1.3-1.noarch
            pruned: refused 1.0
            pruned: installed life-1.3-1.noarch
            """,
            string.Join('\n', outcome.Output.Split('\n').Where(line => line.Contains(": ", StringComparison.Ordinal) && Acts.Contains(line.Split(':')[0]))));
    }

    /// <summary>Changes the repositories of a project, and keeps what was served after each act.</summary>
    private sealed class Maintainer(Person person, TestKey key, CancellationToken ct)
    {
        internal Task WriteSettingsAsync() => File.WriteAllTextAsync(Path.Combine(person.Home, "release.toml"), $"""
            [project]
            name = "demo"
            [target.local]
            image = "rootfs:distro.tar"
            [signing]
            key = "{key.Fingerprint}"
            [repository.qa]
            url = "file:./qa"
            [repository.prod]
            url = "file:./prod"
            base-url = "file:///repo/"
            promote-from = "qa"
            """, ct);

        internal async Task PromoteNewAsync(string version, string act)
        {
            var built = await RpmFactory.BuildAsync(new RpmRecipe("life", version));
            var name = Path.GetFileName(built.Binary);
            File.Copy(built.Binary, Path.Combine(person.Home, name));
            await DoAsync("sign", name);
            await DoAsync("publish", "--to", "qa", name);
            await ActAsync(act, "repo", "promote", "qa", "prod");
        }

        /// <summary>Does what a dry run of the same command shows.</summary>
        internal async Task ActAsync(string act, params string[] command)
        {
            var plan = (await DoAsync([.. command, "--dry-run"])).TrimEnd().Split('\n')[^1]["plan ".Length..];
            await DoAsync([.. command, "--plan", plan]);
            Directory.CreateDirectory(Path.Combine(person.Home, "acts"));
            await Exec.ReadAsync(new Command("cp", "-a", Path.Combine(person.Home, Served), Path.Combine(person.Home, "acts", act)), ct);
        }

        private async Task<string> DoAsync(params string[] arguments)
        {
            var outcome = await Exec.RunAsync(person.Tool(arguments).With("GNUPGHOME", key.Home), ct);
            Assert.AreEqual(0, outcome.ExitCode, $"{string.Join(' ', arguments)}\n{outcome.Error}");
            return outcome.Output;
        }
    }
}
