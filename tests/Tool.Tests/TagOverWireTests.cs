using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>Sources from tags of repositories on other machines: git's own servers behind OpenSSH and https.</summary>
[TestClass]
public sealed class TagOverWireTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_signed_tag_behind_ssh_becomes_a_source_and_a_host_that_nobody_knows_is_not_asked()
    {
        using var world = await World.CreateAsync();
        await using var server = await SshServer.StartAsync(world.Scratch, null, Ct);
        await using var stranger = await SshServer.StartAsync(world.Scratch, null, Ct);
        world.Write($"ssh://repo{world.Upstream}");

        // What a user has in ~/.ssh, which OpenSSH looks up in the list of accounts and not in HOME.
        string Client(string config) => $"#!/bin/sh\nexec {Exec.Find("ssh")} -F {config} \"$@\"\n";
        var unknown = await world.UpdateAsync(Client(world.Scratch.Write("unknown", (await File.ReadAllTextAsync(server.ClientConfig, Ct)).Replace(server.KnownHosts, stranger.KnownHosts, StringComparison.Ordinal))), Ct);
        var none = world.Sources;
        File.Move(Path.Combine(server.Folder, "authorized"), world.Scratch["authorized"]);
        var locked = await world.UpdateAsync(Client(server.ClientConfig), Ct);
        File.Move(world.Scratch["authorized"], Path.Combine(server.Folder, "authorized"));
        var known = await world.UpdateAsync(Client(server.ClientConfig), Ct);

        Assert.AreEqual((int)ExitCode.Remote, unknown.ExitCode, unknown.Error);
        Assert.Contains($"error REL2008 : git fetch ssh://repo{world.Upstream} refs/tags/v1.0.0 -> exit 128: ", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("Host key verification failed. fatal: Could not read from remote repository. Nobody is asked", unknown.Error, StringComparison.Ordinal);
        Assert.AreEqual("", none);
        Assert.Contains("error REL2008 : ", locked.Error, StringComparison.Ordinal);
        Assert.Contains("Permission denied (publickey)", locked.Error, StringComparison.Ordinal);
        Assert.AreEqual(0, known.ExitCode, known.Error);
        Assert.AreEqual(await world.ExpectedAsync(Ct), world.Sources);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_signed_tag_behind_https_becomes_a_source_and_a_server_that_nobody_vouches_for_is_not_asked()
    {
        using var world = await World.CreateAsync();
        await using var server = await GitHttpServer.StartAsync(world.Scratch, Path.GetDirectoryName(world.Upstream)!, Ct);
        world.Write(server.Url + Path.GetFileName(world.Upstream));

        var unknown = await world.UpdateAsync(null, Ct);
        var none = world.Sources;
        world.Scratch.Write("home/.gitconfig", $"[http]\nsslCAInfo = {server.Certificate}\n");
        var known = await world.UpdateAsync(null, Ct);

        Assert.AreEqual((int)ExitCode.Remote, unknown.ExitCode, unknown.Error);
        Assert.Contains($"error REL2006 : git fetch {server.Url}", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("certificate", unknown.Error, StringComparison.Ordinal);
        Assert.AreEqual("", none);
        Assert.AreEqual(0, known.ExitCode, known.Error);
        Assert.AreEqual(await world.ExpectedAsync(Ct), world.Sources);
    }

    /// <summary>A repository with a signed tag, and a project that makes a source of it.</summary>
    private sealed class World : IDisposable
    {
        private readonly TagProject _upstream;
        private readonly GitProject _project;

        private World(TagProject upstream, GitProject project) => (_upstream, _project) = (upstream, project);

        public Scratch Scratch { get; } = new();

        public string Upstream => _upstream.Root;

        public string Sources => File.Exists(SourcesPath) ? File.ReadAllText(SourcesPath) : "";

        private string SourcesPath => Path.Combine(_project.Root, "rpm-specs/tool/sources");

        public static async Task<World> CreateAsync()
        {
            var upstream = await TagProject.OfAliceAsync();
            await upstream.TagAsync("v1.0.0", await TestKey.Ed25519);
            var project = await GitProject.CreateAsync();
            project.Write("keys/upstream.asc", System.Text.Encoding.ASCII.GetString((await (await TestKey.Ed25519).PublicAsync(armor: true)).Span));
            project.Write("rpm-specs/tool/tool.spec", "Name: tool\nVersion: 1.0.0\nRelease: 1%{?dist}\nSummary: s\nLicense: MIT\nSource0: tool-%{version}.tar.gz\n%description\nd\n\n%files\n");
            var world = new World(upstream, project);
            world.Write($"file://{upstream.Root}");
            await project.CommitAsync("one");
            return world;
        }

        /// <summary>Names the repository.</summary>
        public void Write(string url) => _project.Write("release.toml", $$"""
            [project]
            name = "hello"
            [[rpm]]
            name = "tool"
            [[rpm.source]]
            file = "tool-{version}.tar.gz"
            git = "{{url}}"
            signed-by = ["{{TestKey.Ed25519.Result.Fingerprint}}"]
            keyring = "keys/upstream.asc"
            [target.fedora-43]
            image = "registry.example.org/fedora:43"
            """);

        /// <summary>Writes the digest down.</summary>
        /// <param name="ssh">What is found as <c>ssh</c>; null: the system's.</param>
        /// <param name="ct">Ends it.</param>
        public async Task<Outcome> UpdateAsync(string? ssh, CancellationToken ct)
        {
            var command = BuiltTool.Command(Scratch.Folder("home"), "fetch", "--update", "tool") with { WorkingDirectory = _project.Root };
            if (ssh is not null)
            {
                File.SetUnixFileMode(Scratch.Write("bin/ssh", ssh), (UnixFileMode)0b111_101_101);
                command = (command with { Program = Exec.Find("dotnet")! }).With("PATH", $"{Scratch["bin"]}:{Environment.GetEnvironmentVariable("PATH")}");
            }

            return await Exec.RunAsync(command, ct);
        }

        /// <summary>What the same tag gives without a server.</summary>
        public async Task<string> ExpectedAsync(CancellationToken ct)
        {
            File.Delete(SourcesPath);
            Write($"file://{Upstream}");
            var outcome = await UpdateAsync(null, ct);
            Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
            return Sources;
        }

        public void Dispose()
        {
            _upstream.Dispose();
            _project.Dispose();
            Scratch.Dispose();
        }
    }
}
