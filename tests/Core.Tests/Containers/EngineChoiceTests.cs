using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Containers;

/// <summary>Which engine builds for which target.</summary>
[TestClass]
public sealed class EngineChoiceTests
{
    [TestMethod]
    [DataRow(null, "", "", "embedded")]
    [DataRow(null, "podman", "", "podman")]
    [DataRow("docker", "podman", "", "docker")]
    [DataRow(null, "", "ssh://builder@example.org", "podman at ssh://builder@example.org")]
    [DataRow(null, "docker", "ssh://builder@example.org", "docker at ssh://builder@example.org")]
    [DataRow("podman", "", "arm", "podman at arm")]
    [DataRow("embedded", "podman", "ssh://builder@example.org", "embedded")]
    public void The_option_wins_over_the_settings_and_a_target_may_have_a_machine(string? asked, string engine, string host, string expected)
    {
        using var scratch = new Scratch();
        var settings = Parse(engine.Length > 0 ? $"engine = \"{engine}\"" : "", host.Length > 0 ? $"engine-host = \"{host}\"" : "");
        using var machine = new Machine(new Places(scratch["cache"], scratch["data"]), new ListReporter()) { AskedEngine = asked is null ? null : EngineChoice.Parse(asked) };

        Assert.AreEqual(expected, machine.EngineFor(settings, "fedora").ToString());
    }

    [TestMethod]
    [DataRow("engine = \"lxc\"", "", "podman")]
    [DataRow("engines = \"podman\"", "", "engine")]
    [DataRow("", "engine-host = \"ssh://a:secret@host\"", "engine-host")]
    [DataRow("", "engine-host = \"-oProxyCommand=evil\"", "engine-host")]
    [DataRow("", "engine-host = \"http://host\"", "engine-host")]
    [DataRow("", "engine-host = \"unix://relative\"", "engine-host")]
    [DataRow("", "engine-host = \"\"", "engine-host")]
    public void A_wrong_engine_is_an_error_of_the_settings(string build, string target, string words)
    {
        var failure = Assert.ThrowsExactly<ReleaseException>(() => Parse(build, target));

        Assert.IsNotNull(failure.Position);
        Assert.Contains(words, failure.Message + failure.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Docker_cannot_go_to_a_connection_of_podman() =>
        Assert.AreEqual(Fault.Usage, Assert.ThrowsExactly<ReleaseException>(() => EngineChoice.Parse("docker").At("arm")).Fault);

    [TestMethod]
    public void An_engine_that_nobody_knows_is_named_with_those_that_are() =>
        Assert.Contains("embedded, podman, docker", Assert.ThrowsExactly<ReleaseException>(() => EngineChoice.Parse("Podman")).Remedy, StringComparison.Ordinal);

    [TestMethod]
    [DataRow(null, false, "podman info")]
    [DataRow("ssh://builder@example.org", true, "podman --url ssh://builder@example.org info")]
    [DataRow("unix:///run/p.sock", true, "podman --url unix:///run/p.sock info")]
    [DataRow("arm", true, "podman --connection arm info")]
    public void Podman_is_told_where_to_go(string? host, bool isRemote, string call)
    {
        var program = EngineProgram.Podman(host);

        Assert.AreEqual((isRemote, call), (program.IsRemote, program.Call("info").ToString()));
    }

    [TestMethod]
    public void Docker_learns_its_machine_from_the_environment()
    {
        var program = EngineProgram.Docker("ssh://builder@example.org");

        Assert.IsTrue(program.IsRemote);
        Assert.AreEqual("docker info", program.Call("info").ToString());
        Assert.AreEqual("ssh://builder@example.org", program.Call("info").Environment["DOCKER_HOST"]);
    }

    private static Settings Parse(string build, string target) => Settings.Parse(
        $"""
        [project]
        name = "p"

        [build]
        {build}

        [target.fedora]
        image = "registry.example.org/fedora:44"
        {target}
        """,
        "release.toml");
}
