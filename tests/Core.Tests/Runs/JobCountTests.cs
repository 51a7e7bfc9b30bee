using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class JobCountTests
{
    private const long Gibibyte = 1L << 30;

    [TestMethod]
    public void Processors_and_free_memory_decide_and_one_build_always_runs()
    {
        Assert.AreEqual(Environment.ProcessorCount + 1, JobCount.Of(null, Limits.None, 1000 * Gibibyte));
        Assert.AreEqual(1, JobCount.Of(null, Limits.None, 2 * Gibibyte));
        Assert.AreEqual(1, JobCount.Of(null, Limits.None, 0));
    }

    [TestMethod]
    public void A_limit_of_memory_is_what_a_build_takes() =>
        Assert.AreEqual(1, JobCount.Of(null, Limits.None with { Memory = 900 * Gibibyte }, 1000 * Gibibyte));

    [TestMethod]
    public void Who_asks_for_more_gets_it() => Assert.AreEqual(64, JobCount.Of(64, Limits.None, 0));

    [TestMethod]
    public void This_machine_has_some_memory() => Assert.IsGreaterThan(16 << 20, JobCount.FreeMemory());
}
