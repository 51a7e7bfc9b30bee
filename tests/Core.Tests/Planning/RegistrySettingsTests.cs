using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Planning;

[TestClass]
public sealed class RegistrySettingsTests
{
    private const string Head = "[project]\nname = \"p\"\n";

    [TestMethod]
    public void Mirrors_keep_their_order_and_registries_their_port()
    {
        var settings = Settings.Parse(
            Head + """
            [registry."registry.example.org:5000"]
            mirrors = ["b.example.org/team/fedora", "127.0.0.1:5001", "a.example.org"]
            token-servers = ["gitlab.example.org"]
            [registry."docker.io"]
            """,
            "release.toml");

        Assert.HasCount(2, settings.Registries);
        Assert.AreEqual("registry.example.org:5000", settings.Registries[0].Name);
        CollectionAssert.AreEqual(new[] { "b.example.org/team/fedora", "127.0.0.1:5001", "a.example.org" }, settings.Registries[0].Mirrors.ToArray());
        CollectionAssert.AreEqual(new[] { "gitlab.example.org" }, settings.Registries[0].TokenServers.ToArray());
        Assert.IsEmpty(settings.Registries[1].Mirrors);
    }

    [TestMethod]
    [DataRow("[registry.\"https://r.example.org\"]", "release.toml(3,11)")]
    [DataRow("[registry.\"r.example.org/a\"]", "no host name")]
    [DataRow("[registry.\"r.example.org\"]\nmirrors = [\"https://m.example.org\"]", "host[:port][/folder]")]
    [DataRow("[registry.\"r.example.org\"]\nmirrors = [\"m.example.org/\"]", "host[:port][/folder]")]
    [DataRow("[registry.\"r.example.org\"]\nmirrors = [\"m.example.org/a/../b\"]", "host[:port][/folder]")]
    [DataRow("[registry.\"r.example.org\"]\nmirrors = [\"u:p@m.example.org\"]", "host[:port][/folder]")]
    [DataRow("[registry.\"r.example.org\"]\nmirrors = [\"m.example.org/Upper\"]", "host[:port][/folder]")]
    [DataRow("[registry.\"r.example.org\"]\nmirrors = [\"m.example.org\", \"m.example.org\"]", "a second time")]
    [DataRow("[registry.\"r.example.org\"]\ntoken-servers = [\"https://t.example.org/token\"]", "must be a host name")]
    [DataRow("[registry.\"r.example.org\"]\nmirror = []", "Did you mean 'mirrors'?")]
    [DataRow("[registry]\nmirrors = []", "must be a table")]
    public void What_is_no_host_is_refused_with_its_place(string text, string words)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => Settings.Parse(Head + text + "\n", "release.toml"));

        Assert.AreEqual(ExitCode.Usage, ex.Fault.Exit);
        Assert.Contains(words, ex.ToDiagnostic("x"), StringComparison.Ordinal);
    }
}
