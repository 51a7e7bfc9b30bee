using System.Globalization;

namespace DotnetRelease.Http;

/// <summary>The time that one exchange may take in all.</summary>
internal sealed class ExchangeClock(TimeSpan total) : IDisposable
{
    private readonly CancellationTokenSource _source = new(total);

    internal CancellationToken Token => _source.Token;

    /// <summary>Which limit ended an exchange: the total when it is over, else the one that the caller names.</summary>
    internal ReleaseException Stalled(HttpAsk ask, string otherwise) => new(
        Fault.RemoteStalled, $"{ask} -> {(_source.IsCancellationRequested ? $"not finished within {Say(total)} (total limit)" : otherwise)}.");

    internal static string Say(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###} s");

    public void Dispose() => _source.Dispose();
}
