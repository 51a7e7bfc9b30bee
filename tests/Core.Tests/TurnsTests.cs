namespace DotnetRelease.Core.Tests;

[TestClass]
public sealed class TurnsTests(TestContext test)
{
    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task One_at_a_time_for_each_thing_and_all_of_them_in_the_end()
    {
        var turns = new Turns();
        var (inside, most) = (0, 0);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var turn = await turns.TakeAsync("image", test.CancellationToken);
            most = Math.Max(most, ++inside);
            await Task.Yield();
            inside--;
        }));

        Assert.AreEqual(1, most);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Another_thing_does_not_wait_and_who_waits_can_be_told_to_stop()
    {
        var turns = new Turns();
        using var first = await turns.TakeAsync("image", test.CancellationToken);
        using var other = await turns.TakeAsync("sources", test.CancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(test.CancellationToken);

        var waiting = turns.TakeAsync("image", stop.Token);
        Assert.IsFalse(waiting.IsCompleted);
        await stop.CancelAsync();

        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => waiting);
    }
}
