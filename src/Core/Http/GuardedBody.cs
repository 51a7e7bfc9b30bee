using System.Diagnostics;
using System.Globalization;

namespace DotnetRelease.Http;

/// <summary>A body that cannot stall, crawl, run on for ever or end early without somebody noticing.</summary>
internal sealed class GuardedBody(Stream inner, HttpAsk ask, HttpLimits limits) : Stream
{
    private readonly Stopwatch _waiting = new();
    private long _windowStart;
    private TimeSpan _windowWaited;

    /// <summary>Bytes given out so far.</summary>
    private long _count;

    /// <summary>What the server announced.</summary>
    internal long? Announced { get; init; }

    /// <summary>Ends when the whole exchange takes too long; part of the token that reads get.</summary>
    internal required ExchangeClock Clock { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _count; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // One byte beyond the cap is enough to know that there is more.
        var room = (int)Math.Min(buffer.Length, ask.MaxBytes - _count + 1);
        var count = await WaitAsync(buffer[..room], cancellationToken);
        _count += count;
        if (_count > ask.MaxBytes)
        {
            throw TooLarge(ask, "sent more");
        }

        if (count is 0 && buffer.Length > 0 && Announced is { } announced && announced != _count)
        {
            throw CutShort(null);
        }

        CheckRate();
        ask.Progress?.Invoke(_count);
        return count;
    }

    internal static ReleaseException TooLarge(HttpAsk ask, string did) =>
        new(Fault.SourceTooLarge, $"{ask} -> the server {did} than the {Number(ask.MaxBytes)} bytes that are expected at most. Nothing was stored.");

    private async Task<int> WaitAsync(Memory<byte> buffer, CancellationToken ct)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(ct, Clock.Token);
        idle.CancelAfter(limits.Idle);
        _waiting.Start();
        try
        {
            return await inner.ReadAsync(buffer, idle.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw Clock.Stalled(ask, $"no byte came for {ExchangeClock.Say(limits.Idle)} after {Number(_count)}{OfAnnounced} bytes (idle limit)");
        }
        catch (IOException ex)
        {
            throw CutShort(ex);
        }
        finally
        {
            _waiting.Stop();
        }
    }

    private void CheckRate()
    {
        var waited = _waiting.Elapsed - _windowWaited;
        if (waited < limits.RateWindow)
        {
            return;
        }

        var rate = (_count - _windowStart) / waited.TotalSeconds;
        if (rate < limits.MinimumRate)
        {
            throw Clock.Stalled(ask, string.Create(
                CultureInfo.InvariantCulture, $"only {rate:0.#} bytes per second came, less than the minimum rate of {limits.MinimumRate}"));
        }

        (_windowStart, _windowWaited) = (_count, _waiting.Elapsed);
    }

    private TransientFailure CutShort(Exception? inner) =>
        new($"{ask} -> the connection ended after {Number(_count)}{OfAnnounced} bytes", inner: inner);

    private string OfAnnounced => Announced is { } announced ? $" of {Number(announced)}" : "";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A body is only read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
