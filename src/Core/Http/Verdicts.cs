using System.Net.Sockets;
using System.Security.Authentication;

namespace DotnetRelease.Http;

/// <summary>What went wrong, whether another attempt may cure it, and how to say it.</summary>
internal static class Verdicts
{
    /// <summary>The failure that an exception of .NET means for us.</summary>
    internal static Exception Of(HttpRequestException ex, HttpRequestMessage request, HttpAsk ask)
    {
        var deepest = ex.GetBaseException();
        var host = request.RequestUri!.Host;
        return deepest switch
        {
            ReleaseException refused => refused,

            // Not cured by asking again, and never by asking less carefully.
            AuthenticationException => new ReleaseException(
                Fault.RemoteFailed, $"{ask} -> {host} could not prove who it is: {deepest.Message.TrimEnd('.')}.", inner: ex)
            {
                Remedy = "Ask the server's operator, or check the clock and the certificates of this machine.",
            },
            SocketException or IOException => new TransientFailure($"{ask} -> {host}: {deepest.Message.TrimEnd('.')}", inner: ex),
            _ => new ReleaseException(Fault.RemoteFailed, $"{ask} -> {host}: {deepest.Message.TrimEnd('.')}.", inner: ex),
        };
    }

    /// <summary>A status that another attempt may cure is a failure, with the wait that the server wants.</summary>
    internal static void ThrowIfTransient(HttpResponseMessage response, HttpAsk ask, HttpLimits limits)
    {
        if ((int)response.StatusCode is not (408 or 425 or 429 or 500 or 502 or 503 or 504) || ask.Handled.Contains(response.StatusCode))
        {
            return;
        }

        var message = $"{ask} -> {HttpHead.Say(response.StatusCode)}";
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - DateTimeOffset.UtcNow is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero,
            _ => (TimeSpan?)null,
        };
        if (wait > limits.LongestWait)
        {
            throw new ReleaseException(
                Fault.RemoteFailed,
                $"{message}; the server wants us to wait {ExchangeClock.Say(wait.Value)}, more than {ExchangeClock.Say(limits.LongestWait)}.");
        }

        throw new TransientFailure(message, wait);
    }

    /// <summary>An answer whose length nobody can tell is no answer.</summary>
    internal static void ThrowIfUnreadable(HttpResponseMessage response, HttpAsk ask)
    {
        // .NET drops a length that it cannot read, or takes one of two; then nobody would notice a cut body.
        if (response.Content.Headers.NonValidated.TryGetValues("Content-Length", out var lengths)
            && (response.Content.Headers.ContentLength is null || lengths.Distinct(StringComparer.Ordinal).Count() > 1))
        {
            throw new ReleaseException(Fault.RemoteFailed, $"{ask} -> the Content-Length '{lengths}' is none.");
        }
    }
}
