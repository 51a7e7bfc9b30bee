using DotnetRelease.Building;
using DotnetRelease.Planning;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class RpmFeaturesTests(TestContext test)
{
    private const string Zstd = "    rpmlib(PayloadIsZstd) = 5.4.18-1\n";

    [TestMethod]
    [DataRow("RPM version 4.18.0\n" + Zstd, "default", "w18L25T0.zstdio", "w3T0.zstdio")]
    [DataRow("RPM version 4.18.0\n" + Zstd, "fast", "w3T0.zstdio", "w3T0.zstdio")]
    [DataRow("RPM version 6.0.0\n" + Zstd, "default", "w18L25T0.zstdio", "w3T0.zstdio", DisplayName = "a new one")]
    [DataRow("RPM version 4.17.0-beta1\n" + Zstd, "fast", "w3T0.zstdio", "w3T0.zstdio", DisplayName = "the first with threads")]
    [DataRow("RPM version 4.17.1\n" + Zstd, "default", "w19T0.zstdio", "w3T0.zstdio", DisplayName = "threads, but no long window")]
    [DataRow("RPM version 4.16.1.3\n" + Zstd, "default", null, null, DisplayName = "Enterprise Linux 9: its default is zstd 19 already")]
    [DataRow("RPM version 4.16.1.3\n" + Zstd, "fast", "w3.zstdio", "w3.zstdio", DisplayName = "Enterprise Linux 9, fast")]
    [DataRow("RPM version 4.14.3\n", "default", null, null, DisplayName = "without zstd")]
    [DataRow("RPM version 4.19.1\n", "fast", null, null, DisplayName = "new, but made without zstd")]
    [DataRow("sh: rpm: not found\n", "fast", null, null, DisplayName = "no answer")]
    [DataRow("", "default", null, null, DisplayName = "nothing at all")]
    [DataRow("RPM version 4.14.3\n", "w9.gzdio", "w9.gzdio", "w9.gzdio", DisplayName = "the user's word")]
    public void The_payload_is_what_the_targets_rpm_can_write(string answer, string wanted, string? binary, string? source)
    {
        var defines = RpmFeatures.Parse(answer).Defines(PayloadCompression.Find(wanted)!);

        CollectionAssert.AreEqual(
            binary is null ? [] : (string[])["--define", $"_binary_payload {binary}", "--define", $"_source_payload {source}"], defines.ToArray());
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_rpm_of_this_machine_is_understood()
    {
        var answer = await Exec.ReadAsync(new Command("sh", "-c", RpmFeatures.Question), test.CancellationToken);

        Assert.AreEqual(new RpmFeatures(Zstd: true, ThreadedZstd: true, LongZstd: true), RpmFeatures.Parse(answer.Output), answer.Output);
    }
}
