using DotnetRelease.Containers;

namespace DotnetRelease.Core.Tests.Containers;

[TestClass]
public sealed class DiskFloorTests
{
    private const long GiB = 1L << 30;

    [TestMethod]
    [DataRow(100 * GiB, GiB - 1, DisplayName = "a large disk keeps a gibibyte")]
    [DataRow(GiB, (GiB / 2) - 1, DisplayName = "a small one half of what was free")]
    [Timeout(60_000)]
    public void A_command_ends_below_it(long atFirst, long later)
    {
        var looks = 0;
        using var floor = new DiskFloor(() => looks++ is 0 ? atFirst : later, CancellationToken.None);

        floor.Token.WaitHandle.WaitOne();

        Assert.IsTrue(floor.IsReached);
        Assert.AreEqual($"was ended when {later >> 20} MiB were left of the disk where containers are kept.", floor.Failure().Message);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Above_it_nothing_happens_and_the_caller_ends_it()
    {
        using var looked = new CountdownEvent(3);
        using var caller = new CancellationTokenSource();
        using var floor = new DiskFloor(
            () =>
            {
                _ = looked.IsSet || looked.Signal();
                return GiB;
            },
            caller.Token);

        looked.Wait();
        Assert.IsFalse(floor.Token.IsCancellationRequested);
        caller.Cancel();

        Assert.IsTrue(floor.Token.IsCancellationRequested);
        Assert.IsFalse(floor.IsReached);
    }
}
