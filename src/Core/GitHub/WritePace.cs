namespace DotnetRelease.GitHub;

/// <summary>Keeps requests that change something apart, also those of parallel uploads.</summary>
internal sealed class WritePace(TimeSpan between, TimeProvider time)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    /// <summary>Waits for its turn; turns are given out in the order of asking.</summary>
    internal Task WaitAsync(CancellationToken ct)
    {
        TimeSpan wait;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var turn = _next > now ? _next : now;
            (_next, wait) = (turn + between, turn - now);
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, time, ct) : Task.CompletedTask;
    }
}
