namespace DotnetRelease.GitHub;

/// <summary>Keeps requests that change something apart, also those of parallel uploads.</summary>
internal sealed class WritePace(TimeSpan between, TimeProvider time)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    /// <summary>Waits for its turn; turns are given out in the order of asking.</summary>
    internal Task WaitAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var turn = _next > now ? _next : now;
            _next = turn + between;

            // Begun before the next one looks at the clock: a wait that begins later ends later than its turn.
            return turn > now ? Task.Delay(turn - now, time, ct) : Task.CompletedTask;
        }
    }
}
