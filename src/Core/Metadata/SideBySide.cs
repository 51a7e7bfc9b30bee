using System.Runtime.ExceptionServices;

namespace DotnetRelease.Metadata;

/// <summary>Many pieces of work at once, of which the first fault ends all.</summary>
internal static class SideBySide
{
    /// <exception cref="ReleaseException">What a piece of work threw.</exception>
    internal static void Run(int count, Action<int> work, CancellationToken ct)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { CancellationToken = ct }, work);
        }
        catch (AggregateException ex) when (ex.InnerException is ReleaseException first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }
}
