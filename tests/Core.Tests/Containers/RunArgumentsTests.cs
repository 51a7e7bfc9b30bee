using DotnetRelease.Containers;

namespace DotnetRelease.Core.Tests.Containers;

/// <summary>What podman and docker are told about a command.</summary>
[TestClass]
public sealed class RunArgumentsTests
{
    private static readonly EngineProgram Podman = EngineProgram.Podman(null);

    [TestMethod]
    public void A_command_gets_no_network_and_few_rights_by_itself()
    {
        var text = Text(new Sandbox("true") { Capabilities = ["CAP_CHOWN"] });

        Assert.AreEqual("--hostname container --network none --cap-drop ALL --cap-add CAP_CHOWN --security-opt no-new-privileges --tmpfs /tmp:rw,exec,mode=1777,notmpcopyup", text);
    }

    [TestMethod]
    public void Everything_that_was_asked_for_is_said()
    {
        var text = Text(new Sandbox("true")
        {
            Network = Network.Host,
            Capabilities = [],
            Hostname = "builder",
            ReadOnlyRoot = true,
            WorkingDirectory = "/w",
            User = "12:34",
            Limits = new Limits { Memory = 1 << 30, Processes = 100, Processors = 1.5m, Time = TimeSpan.FromHours(1) },
        });

        Assert.AreEqual(
            "--hostname builder --network host --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp:rw,exec,mode=1777,notmpcopyup "
            + "--read-only --tmpfs /var/tmp:rw,exec,mode=1777 --tmpfs /run:rw,exec,mode=755 --workdir /w --user 12:34 --memory 1073741824 --pids-limit 100 --cpus 1.5",
            text);
    }

    [TestMethod]
    [DataRow("/a", "type=bind,source=/a,target=/in,ro")]
    [DataRow("/a b:c", "type=bind,source=/a b:c,target=/in,ro")]
    [DataRow("/a,target=/etc", "type=bind,\"source=/a,target=/etc\",target=/in,ro")]
    [DataRow("/a\",b", "type=bind,\"source=/a\"\",b\",target=/in,ro")]
    public void A_folder_cannot_say_more_than_its_name(string source, string expected) =>
        Assert.AreEqual($"--mount {expected}", string.Join(' ', RunArguments.Bind(new Volume(source, "/in", ReadOnly: true))));

    [TestMethod]
    [DataRow("A=1\nB=2")]
    [DataRow("A=1\r")]
    [DataRow("A B=1")]
    [DataRow("#A=1")]
    [DataRow("A*=1")]
    public void A_variable_that_would_be_read_as_something_else_is_refused(string variable)
    {
        var refusal = Assert.ThrowsExactly<ReleaseException>(() => RunArguments.EnvironmentFile(Podman, ["OK=1", variable]));

        Assert.AreEqual(Fault.EngineLacks, refusal.Fault);
        Assert.DoesNotContain("B=2", refusal.Message, StringComparison.Ordinal);
    }

    private static string Text(Sandbox sandbox) => string.Join(' ', RunArguments.Of(Podman, sandbox));
}
