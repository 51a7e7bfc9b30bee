using System.Net;
using System.Net.Http.Headers;

namespace DotnetRelease.Http;

/// <summary>A body on its way out. It tells the clock of each piece, so that a large one may take long but never stand still.</summary>
internal sealed class SentBody : HttpContent
{
    /// <summary>Large enough that the calls cost nothing, small enough that many uploads at once need little memory.</summary>
    private const int Piece = 256 * 1024;

    private readonly HttpBody _body;
    private readonly Action<bool> _moved;

    /// <summary>A body that is about to be sent.</summary>
    /// <param name="body">What.</param>
    /// <param name="moved">Told after each piece; true: that was the last one.</param>
    internal SentBody(HttpBody body, Action<bool> moved)
    {
        (_body, _moved) = (body, moved);
        Headers.ContentType = MediaTypeHeaderValue.Parse(body.Type);
        Headers.ContentLength = body.Length;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var source = _body.Open();
        var buffer = new byte[(int)Math.Min(Piece, Math.Max(_body.Length, 1))];
        for (long sent = 0; sent < _body.Length;)
        {
            var count = await source.ReadAtLeastAsync(buffer, (int)Math.Min(buffer.Length, _body.Length - sent), throwOnEndOfStream: false, cancellationToken);
            count = (int)Math.Min(count, _body.Length - sent);
            if (count is 0)
            {
                throw new ReleaseException(Fault.FileUnreadable, $"The file that is being sent ended after {sent} of {_body.Length} bytes. Somebody changed it.");
            }

            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            sent += count;
            _body.Progress?.Invoke(sent);
            _moved(sent == _body.Length);
        }
    }
}
