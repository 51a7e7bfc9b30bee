using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Planning;

[TestClass]
public sealed class BuildSettingsTests
{
    private const string Head = "[project]\nname = \"p\"\n[build]\n";

    [TestMethod]
    [DataRow("default", false)]
    [DataRow("fast", false)]
    [DataRow("w19.zstdio", true)]
    [DataRow("w6T0.xzdio", true)]
    [DataRow("w9T16.bzdio", true)]
    [DataRow("w.ufdio", true)]
    public void A_compression_is_ours_or_spelled_as_rpm_does(string name, bool isOfRpm)
    {
        var compression = Settings.Parse($"{Head}compression = \"{name}\"\n", "release.toml").Compression;

        Assert.AreEqual($"{name} {isOfRpm}", $"{compression.Name} {compression.IsOfRpm}");
    }

    [TestMethod]
    public void Without_a_word_it_is_the_default() =>
        Assert.AreEqual(PayloadCompression.Default, Settings.Parse(Head, "release.toml").Compression);

    [TestMethod]
    [DataRow("best")]
    [DataRow("")]
    [DataRow("w19.zstd")]
    [DataRow("19.zstdio")]
    [DataRow("w190.zstdio")]
    [DataRow("w19.zstdio\\n")]
    [DataRow("w19.zstdio %(touch /tmp/x)")]
    public void Anything_else_is_refused_with_its_place(string name)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => Settings.Parse($"{Head}compression = \"{name}\"\n", "release.toml"));

        Assert.AreEqual(Fault.SettingsInvalid, ex.Fault);
        Assert.StartsWith("release.toml(4,15): error", ex.ToDiagnostic("x"), StringComparison.Ordinal);
        Assert.Contains("must be 'default', 'fast', or how rpm spells a compression", ex.Message, StringComparison.Ordinal);
    }
}
