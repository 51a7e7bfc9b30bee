using System.Text;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Processes;

/// <summary>Programs whose output is taken while it comes.</summary>
[TestClass]
public sealed class ExecTests(TestContext test)
{
    private const int Patience = 30_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Both_streams_are_heard_one_part_at_a_time()
    {
        var (heard, inside) = (new MemoryStream(), 0);

        var outcome = await Exec.StreamAsync(new Command("sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do echo out; echo err >&2; done; exit 4"), part =>
        {
            Assert.AreEqual(1, Interlocked.Increment(ref inside));
            heard.Write(part.Span);
            Interlocked.Decrement(ref inside);
        }, Ct);

        Assert.AreEqual(4, outcome.ExitCode);
        Assert.AreEqual(9 * 8, heard.Length);
        Assert.AreEqual(string.Concat(Enumerable.Repeat("err\n", 9)), outcome.Error);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task More_output_than_memory_should_hold_can_be_taken()
    {
        long count = 0;

        var outcome = await Exec.PipeAsync(new Command("head", "-c", "300000000", "/dev/zero"), async output =>
        {
            var buffer = new byte[1 << 16];
            for (int read; (read = await output.ReadAsync(buffer, Ct)) > 0;)
            {
                count += read;
            }
        }, Ct);

        Assert.AreEqual((0, 300_000_000L), (outcome.ExitCode, count));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Who_refuses_the_output_ends_the_program()
    {
        var failure = await Assert.ThrowsExactlyAsync<InvalidDataException>(() =>
            Exec.PipeAsync(new Command("yes"), _ => throw new InvalidDataException("no"), Ct));

        Assert.AreEqual("no", failure.Message);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_program_that_failed_says_more_than_what_could_not_be_read()
    {
        var outcome = await Exec.PipeAsync(new Command("sh", "-c", "echo because >&2; exit 3"), _ => throw new InvalidDataException("no"), Ct);

        Assert.AreEqual((3, "because\n"), (outcome.ExitCode, outcome.Error));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_cancelled_program_ends_with_all_it_started()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);

        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            Exec.StreamAsync(new Command("sh", "-c", "echo started; sleep 1000; true"), part => Cancel(part, stop), stop.Token));
    }

    private static void Cancel(ReadOnlyMemory<byte> part, CancellationTokenSource stop)
    {
        Assert.AreEqual("started\n", Encoding.UTF8.GetString(part.Span));
        stop.Cancel();
    }
}
