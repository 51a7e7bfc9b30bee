using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Runs;
using WrittenRpm = DotnetRelease.Fixtures.WrittenRpm;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class PublishedPackagesTests(TestContext test) : IDisposable
{
    private static readonly Nevra Built = new("foo", 0, "3.0", "1", "noarch");

    private readonly Scratch _scratch = new();
    private readonly ListReporter _reporter = new();

    private CancellationToken Ct => test.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [TestMethod]
    [Timeout(60_000)]
    public async Task The_newest_of_the_name_is_found_in_the_repository_that_packages_come_to_last()
    {
        await PublishAsync("qa/fedora-43", new("foo", "2.0"), new("foo", "2.0") { SourceRpm = null }, new("bar", "9.0"));
        await PublishAsync("prod/fedora-43", new("foo", "1.9"), new("foo", "1.10"), new("foo-libs", "9.0"));
        await PublishAsync("prod/fedora-44", new WrittenRpm("foo", "5.0"));
        var settings = Repository("qa", Local("qa")) + Repository("prod", Local("prod")) + "promote-from = \"qa\"\n";

        Assert.AreEqual("foo-1.10-1.noarch", await FindAsync(settings, Built));
        Assert.AreEqual("bar-9.0-1.noarch", await FindAsync(settings, Built with { Name = "bar", Arch = "x86_64" }));
        Assert.IsNull(await FindAsync(settings, Built with { Name = "new" }));
        Assert.IsNull(await FindAsync("", Built));
        Assert.IsEmpty(_reporter.Lines);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_repository_that_holds_nothing_yet_is_not_worth_a_word()
    {
        Assert.IsNull(await FindAsync(Repository("qa", Local("nowhere")), Built));
        Assert.IsEmpty(_reporter.Lines);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task From_a_web_server_only_the_beginning_of_a_large_package_is_read()
    {
        const int size = 64 * 1024 * 1024;
        await PublishAsync("qa/fedora-43", new WrittenRpm("foo", "2.0") { PayloadSize = size });
        long sent = 0;
        await using var server = new RawServer(async (request, answer) =>
        {
            var bytes = await File.ReadAllBytesAsync(_scratch[$"qa{request.Target}"], Ct);
            await answer.TextAsync($"HTTP/1.1 200 OK\nContent-Length: {bytes.Length}\nConnection: close\n\n");
            for (var at = 0; at < bytes.Length; at += 64 * 1024)
            {
                await answer.BytesAsync(bytes.AsMemory(at, Math.Min(64 * 1024, bytes.Length - at)));
                Interlocked.Add(ref sent, 64 * 1024);
            }
        });

        // Written by ssh, read by http: no login is needed to look.
        Assert.AreEqual("foo-2.0-1.noarch", await FindAsync(Repository("qa", "ssh://nobody@127.0.0.1:1/srv") + $"base-url = \"{server.Url}\"\n", Built));
        Assert.IsLessThan(size / 2, Interlocked.Read(ref sent));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_server_that_is_away_is_named_once_and_the_next_repository_is_asked()
    {
        await PublishAsync("qa/fedora-43", new("foo", "2.0"), new("bar", "2.0"));
        var settings = Repository("qa", Local("qa")) + Repository("prod", "ssh://nobody@127.0.0.1:1/srv") + "base-url = \"http://127.0.0.1:9/\"\npromote-from = \"qa\"\n";
        using var published = new PublishedPackages(_reporter);

        Assert.AreEqual("foo-2.0-1.noarch", await FindAsync(published, settings, Built));
        Assert.AreEqual("bar-2.0-1.noarch", await FindAsync(published, settings, Built with { Name = "bar" }));
        Assert.HasCount(1, _reporter.Lines.Where(line => line.StartsWith("prod/fedora-43/x86_64: what is published cannot be read", StringComparison.Ordinal)).ToList());
    }

    [TestMethod]
    [Timeout(60_000)]
    [DataRow("short")]
    [DataRow("gone")]
    [DataRow("no package")]
    public async Task A_damaged_package_is_named_and_does_not_end_the_run(string damage)
    {
        await PublishAsync("qa/fedora-43", new WrittenRpm("foo", "2.0"));
        var path = _scratch["qa/fedora-43/foo-2.0-1.noarch.rpm"];
        switch (damage)
        {
            case "short":
                await File.WriteAllBytesAsync(path, (await File.ReadAllBytesAsync(path, Ct))[..500], Ct);
                break;
            case "gone":
                File.Delete(path);
                break;
            default:
                await File.WriteAllBytesAsync(path, new byte[100_000], Ct);
                break;
        }

        Assert.IsNull(await FindAsync(Repository("qa", Local("qa")), Built));
        Assert.HasCount(1, _reporter.Lines);
    }

    private string Local(string folder) => $"file://{_scratch[folder]}";

    private static string Repository(string name, string url) => $"[repository.{name}]\nurl = \"{url}\"\nlayout = \"{{target}}\"\n";

    private async Task PublishAsync(string relative, params WrittenRpm[] packages)
    {
        var folder = _scratch.Folder(relative);
        foreach (var package in packages)
        {
            package.WriteTo(folder);
        }

        await Exec.ReadAsync(new Command("createrepo_c", "--quiet", "--no-database", folder), Ct);
    }

    private async Task<string?> FindAsync(string repositories, Nevra built)
    {
        using var published = new PublishedPackages(_reporter);
        return await FindAsync(published, repositories, built);
    }

    private async Task<string?> FindAsync(PublishedPackages published, string repositories, Nevra built)
    {
        var settings = Settings.Parse($"""
            [project]
            name = "hello"
            [[rpm]]
            name = "foo"
            [target.fedora-43]
            image = "registry.example.org/fedora:43"
            {repositories}
            """, "release.toml");
        return (await published.FindAsync(new Workspace(_scratch.Root, settings), settings.Targets[0], built, Ct))?.Package.Nevra.ToString();
    }
}
