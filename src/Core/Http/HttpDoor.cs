using System.Globalization;
using System.Reflection;
using Polly;
using Polly.Retry;

namespace DotnetRelease.Http;

/// <summary>
/// The one door to HTTP. It follows redirects by hand, keeps limits of time, rate and size, repeats what a repetition may cure, and
/// says METHOD URL -> what came back when it gives up. Proxies come from the environment.
/// </summary>
public sealed class HttpDoor : IDisposable
{
    private static readonly string UserAgent =
        $"dotnet-release/{typeof(HttpDoor).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}";

    /// <summary>A body of this size is sent only after the server said that it wants it.</summary>
    private const long AskFirst = 1024 * 1024;

    private readonly HttpLimits _limits;
    private readonly Lazy<HttpMessageInvoker> _invoker;
    private readonly Lazy<ResiliencePipeline> _retries;

    /// <summary>Makes a door that costs nothing until somebody asks through it: most runs find all they need in the cache.</summary>
    /// <param name="limits">How patient it is.</param>
    /// <param name="reporter">Hears of every wait before another attempt.</param>
    public HttpDoor(HttpLimits limits, IReporter reporter)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _limits = limits;
        _invoker = new(() => new Transport().Open(limits));
        _retries = new(() => Retries(limits, reporter));
    }

    /// <summary>Nobody may be asked through it: the user wants to do without a network.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Asks for a small document and reads it into memory, whatever the status.</summary>
    /// <exception cref="ReleaseException">No answer, or one that is refused; see <see cref="ReceiveAsync"/>.</exception>
    public Task<HttpDocument> ReadAsync(HttpAsk ask, CancellationToken ct) => ExchangeAsync(
        ask,
        async (response, content) =>
        {
            var bytes = new MemoryStream();
            await content.CopyToAsync(bytes, ct);
            return new HttpDocument(ask, response, bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
        },
        ct);

    /// <summary>Asks for something large and lets the caller read it while it comes.</summary>
    /// <param name="ask">What to ask for.</param>
    /// <param name="receive">
    /// Reads the answer, whatever its status; call <see cref="HttpHead.RequireOk"/> first unless another status is of use. Called once
    /// for each attempt, so it has to start afresh each time.
    /// </param>
    /// <param name="ct">Ends the exchange.</param>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.UrlRefused"/>, <see cref="Fault.RemoteFailed"/> after retries, <see cref="Fault.RemoteStalled"/>,
    /// <see cref="Fault.SourceTooLarge"/>, and what <paramref name="receive"/> throws.
    /// </exception>
    public Task<T> ReceiveAsync<T>(HttpAsk ask, Func<HttpReply, Task<T>> receive, CancellationToken ct) =>
        ExchangeAsync(ask, (response, content) => receive(new HttpReply(ask, response, content)), ct);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_invoker.IsValueCreated)
        {
            _invoker.Value.Dispose();
        }
    }

    private static ResiliencePipeline Retries(HttpLimits limits, IReporter reporter) => new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle<TransientFailure>(),
        MaxRetryAttempts = limits.Retries,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = limits.FirstWait,
        MaxDelay = limits.LongestWait,
        DelayGenerator = args => ValueTask.FromResult((args.Outcome.Exception as TransientFailure)?.RetryAfter),
        OnRetry = args =>
        {
            reporter.Info($"{args.Outcome.Exception!.Message}; trying again in {ExchangeClock.Say(args.RetryDelay)}");
            return ValueTask.CompletedTask;
        },
    }).Build();

    private async Task<T> ExchangeAsync<T>(HttpAsk ask, Func<HttpResponseMessage, Stream, Task<T>> receive, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(ask);
        UrlRules.Check(ask.Url, ask);
        if (IsClosed)
        {
            throw new ReleaseException(Fault.OfflineLacks, $"{ask} was not asked, because this run is offline, and what it gives is not on this machine.");
        }

        using var clock = new ExchangeClock(_limits.TotalOf(ask));
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, clock.Token);
        var attempts = 0;
        try
        {
            return ask is { IsSafe: true, Once: false } ? await _retries.Value.ExecuteAsync(async token => await OnceAsync(token), both.Token) : await OnceAsync(both.Token);
        }
        catch (TransientFailure failure)
        {
            throw new ReleaseException(Fault.RemoteFailed, attempts > 1 ? $"{failure.Message} ({attempts} attempts)." : $"{failure.Message}.", inner: failure);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested && clock.Token.IsCancellationRequested)
        {
            throw clock.Stalled(ask, "");
        }

        async Task<T> OnceAsync(CancellationToken token)
        {
            attempts++;
            using var response = await FollowAsync(ask, clock, token);
            await using var content = await GuardAsync(ask, response, clock);
            return await receive(response, content);
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(HttpAsk ask, ExchangeClock clock, CancellationToken ct)
    {
        var (url, trusted) = (ask.Url, true);
        for (var hop = 0; hop <= _limits.Redirects; hop++)
        {
            var response = await SendAsync(Request(ask, url, trusted), ask, clock, ct);
            try
            {
                if (!ask.IsSafe)
                {
                    return response;
                }

                if (UrlRules.Follow(response, ask) is not { } next)
                {
                    Verdicts.ThrowIfTransient(response, ask, _limits);
                    return response;
                }

                (url, trusted) = (next, trusted && UrlRules.SameOrigin(url, next));
            }
            catch
            {
                response.Dispose();
                throw;
            }

            response.Dispose();
        }

        throw new ReleaseException(Fault.RemoteFailed, $"{ask} -> more than {_limits.Redirects} redirects, the last to {UrlRules.Show(url)}.");
    }

    private static HttpRequestMessage Request(HttpAsk ask, Uri url, bool trusted)
    {
        var request = new HttpRequestMessage(ask.Method, url);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);

        // The digest is over the stored bytes; a server that compresses on the way would change them.
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        if (ask.Accept is { } accept)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (ask.PastCaches)
        {
            request.Headers.TryAddWithoutValidation("Cache-Control", "no-cache");
            request.Headers.TryAddWithoutValidation("Pragma", "no-cache");
        }

        if (ask.Resume?.Invoke() is { Start: > 0 } point)
        {
            request.Headers.TryAddWithoutValidation("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={point.Start}-"));
            if (point.ETag is { } etag)
            {
                request.Headers.TryAddWithoutValidation("If-Range", etag);
            }
        }

        foreach (var (name, value) in trusted ? ask.Headers : [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (url != ask.Url)
        {
            request.Options.Set(Transport.AskedFirst, ask.Url);
        }

        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpAsk ask, ExchangeClock clock, CancellationToken ct)
    {
        using var headers = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var patience = _limits.Connect + _limits.Headers;
        headers.CancelAfter(patience);
        if (ask.Body is { } body)
        {
            // A piece that went out starts the wait again; after the last one it is the server's turn.
            request.Content = new SentBody(body, isLast => headers.CancelAfter(patience = isLast ? _limits.HeadersOf(ask) : _limits.Idle));
            request.Headers.ExpectContinue = body.Length > AskFirst;
        }

        try
        {
            return await _invoker.Value.SendAsync(request, headers.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw clock.Stalled(ask, headers.IsCancellationRequested
                ? $"no answer came within {ExchangeClock.Say(patience)} (header limit)"
                : $"no connection to {request.RequestUri!.Host} within {ExchangeClock.Say(_limits.Connect)} (connect limit)");
        }
        catch (HttpRequestException ex)
        {
            throw Verdicts.Of(ex, request, ask);
        }
    }

    private async Task<GuardedBody> GuardAsync(HttpAsk ask, HttpResponseMessage response, ExchangeClock clock)
    {
        Verdicts.ThrowIfUnreadable(response, ask);

        // A HEAD announces the length of a body that does not come.
        var announced = ask.Method == HttpMethod.Head ? null : response.Content.Headers.ContentLength;
        if (announced > ask.MaxBytes)
        {
            throw GuardedBody.TooLarge(ask, $"announces {announced} bytes, more");
        }

        var content = await response.Content.ReadAsStreamAsync(CancellationToken.None);
        return new GuardedBody(content, ask, _limits) { Announced = announced, Clock = clock };
    }
}
