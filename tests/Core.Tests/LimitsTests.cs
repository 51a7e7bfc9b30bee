using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests;

[TestClass]
public sealed class LimitsTests
{
    [TestMethod]
    [DataRow("4G", 4L << 30)]
    [DataRow("512m", 512L << 20)]
    [DataRow("4096K", 4L << 20)]
    [DataRow("4194304", 4L << 20)]
    [DataRow("1T", 1L << 40)]
    [DataRow("1K", null, DisplayName = "too small for any program")]
    [DataRow("", null)]
    [DataRow("G", null)]
    [DataRow("4 G", null)]
    [DataRow("-4G", null)]
    [DataRow("1.5G", null)]
    [DataRow("4GB", null)]
    [DataRow("9223372036854775807G", null, DisplayName = "more than a number holds")]
    public void A_size_is_read(string text, long? bytes) => Assert.AreEqual(bytes, Limits.TryMemory(text));

    [TestMethod]
    [DataRow("90", 90)]
    [DataRow("90s", 90)]
    [DataRow("30m", 1800)]
    [DataRow("6h", 21600)]
    [DataRow("0", null)]
    [DataRow("h", null)]
    [DataRow("", null)]
    [DataRow("-1s", null)]
    [DataRow("2147483647h", null)]
    public void A_time_is_read(string text, int? seconds) => Assert.AreEqual(seconds, (int?)Limits.TryTime(text)?.TotalSeconds);

    [TestMethod]
    [DataRow(3600, "1 hour")]
    [DataRow(21600, "6 hours")]
    [DataRow(5400, "90 minutes")]
    [DataRow(5, "5 seconds")]
    public void A_time_is_written(int seconds, string text) => Assert.AreEqual(text, Limits.TimeText(TimeSpan.FromSeconds(seconds)));

    [TestMethod]
    public void Settings_say_what_builds_may_use()
    {
        var settings = Settings.Parse("[project]\nname = \"x\"\n[limits]\nmemory = \"4G\"\npids = 500\ncpus = 2\ntime = \"30m\"\n", "release.toml");
        var silent = Settings.Parse("[project]\nname = \"x\"\n", "release.toml");

        Assert.AreEqual(new Limits { Memory = 4L << 30, Processes = 500, Processors = 2, Time = TimeSpan.FromMinutes(30) }, settings.Limits);
        Assert.AreEqual(new Limits { Time = TimeSpan.FromHours(6) }, silent.Limits);
    }

    [TestMethod]
    [DataRow("memory = \"much\"", "must be a size of at least 4M")]
    [DataRow("memory = 4", "a string")]
    [DataRow("pids = 3", "must be a number from 16 to 1000000, found 3")]
    [DataRow("cpus = 0", "must be a number from 1 to 4096, found 0")]
    [DataRow("time = \"soon\"", "must be a time such as")]
    public void A_wrong_limit_is_refused(string line, string words)
    {
        var failure = Assert.ThrowsExactly<ReleaseException>(() => Settings.Parse($"[project]\nname = \"x\"\n[limits]\n{line}\n", "release.toml"));

        Assert.AreEqual(Fault.SettingsInvalid, failure.Fault);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.AreEqual(4, failure.Position?.Line);
    }
}
