namespace DotnetRelease.Images;

/// <summary>Adds up what several downloads have done. One of them may start again at zero.</summary>
internal sealed class TransferProgress(string what, long total, IReporter reporter)
{
    private readonly Lock _gate = new();
    private long _done;

    /// <summary>A place for one download to say how far it is.</summary>
    internal Action<long> Part()
    {
        var mine = 0L;
        return done =>
        {
            lock (_gate)
            {
                _done += done - mine;
                mine = done;
                reporter.Progress(what, _done, total);
            }
        };
    }
}
