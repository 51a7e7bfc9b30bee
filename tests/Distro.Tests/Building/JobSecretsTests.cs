using System.Net.Sockets;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>Case 89: a build looks for what a CI job has about it, and finds nothing.</summary>
[TestClass]
public sealed class JobSecretsTests(TestContext test)
{
    private const int Patience = 300_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_build_sees_no_home_no_agent_no_token_no_docker_and_no_metadata_of_the_cloud()
    {
        var canary = "CANARY_" + Guid.NewGuid().ToString("N");
        using var home = new Scratch();
        home.Write(".config/gh/hosts.yml", canary);
        home.Write(".ssh/id_ed25519", canary);
        var agent = home[$"{canary[..12]}.sock"];
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(agent));
        socket.Listen();
        using var project = await BuildProject.OfSpecAsync($$"""
            %build
            echo looked
            env
            cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\0' '\n' || :
            find / -xdev -type s 2>/dev/null || :
            ls -laR /root /home || :
            cat {{home.Root}}/.config/gh/hosts.yml {{home.Root}}/.ssh/id_ed25519 || :
            for each in /var/run/docker.sock /run/docker.sock /run/podman/podman.sock {{agent}}; do if test -e "$each"; then echo FOUND $each; fi; done
            if timeout 3 bash -c 'exec 3<>/dev/tcp/169.254.169.254/80'; then echo FOUND metadata; fi
            %install
            %files
            """);
        string[] names = ["GITHUB_TOKEN", "GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "AWS_SECRET_ACCESS_KEY", "DOCKER_AUTH_CONFIG"];

        var outcome = await Exec.RunAsync(names.Aggregate(project.Tool("rpm", "probe", "--json").With("HOME", home.Root).With("SSH_AUTH_SOCK", agent), (command, name) => command.With(name, canary)), Ct);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        var logs = Directory.EnumerateFiles(project[".release/logs"], "*", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();
        Assert.IsTrue(logs.Exists(log => log.Contains("\nlooked\n", StringComparison.Ordinal)));
        foreach (var text in logs.Append(outcome.Output).Append(outcome.Error))
        {
            Assert.DoesNotContain(canary, text, StringComparison.Ordinal);
            Assert.DoesNotContain("FOUND ", text.Replace("echo FOUND ", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.DoesNotContain("SSH_AUTH_SOCK", text, StringComparison.Ordinal);
        }
    }
}
