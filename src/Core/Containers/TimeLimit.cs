namespace DotnetRelease.Containers;

/// <summary>The end of a command that takes too long, whichever engine runs it.</summary>
public static class TimeLimit
{
    /// <summary>Runs a command of a sandbox and ends it when its time is over.</summary>
    /// <param name="sandbox">Says how long.</param>
    /// <param name="run">Runs it; cancelling ends it.</param>
    /// <param name="ct">The caller's own reason to end it.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.LimitReached"/> when the time was over.</exception>
    public static Task<T> WithinTimeAsync<T>(this Sandbox sandbox, Func<CancellationToken, Task<T>> run, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        ArgumentNullException.ThrowIfNull(run);
        return sandbox.Limits.Time is { } time ? EndAfterAsync(sandbox, time, run, ct) : run(ct);
    }

    private static async Task<T> EndAfterAsync<T>(Sandbox sandbox, TimeSpan time, Func<CancellationToken, Task<T>> run, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(time);
        try
        {
            return await run(limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ReleaseException(Fault.LimitReached, $"'{string.Join(' ', sandbox.Command)}' was ended at its time limit of {Limits.TimeText(time)}.");
        }
    }
}
