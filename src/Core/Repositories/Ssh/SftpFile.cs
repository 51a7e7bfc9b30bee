namespace DotnetRelease.Repositories.Ssh;

/// <summary>
/// Files as streams. So many blocks are under way at once that a long line is filled, and no more, so that memory stays flat.
/// </summary>
internal static class SftpFile
{
    /// <summary>What every server takes; draft section 3.</summary>
    private const int Block = 32 * 1024;

    private const int UnderWay = 64;

    /// <summary>Reads a file that is open from start to end. The stream closes it.</summary>
    internal static Stream Read(SftpSession session, ReadOnlyMemory<byte> handle, string name) => new Reading(session, handle, name);

    /// <summary>Writes a stream into a file that is open, and gives the digest of what was written.</summary>
    /// <exception cref="SftpException">The server said no.</exception>
    internal static async Task<Digest> WriteAsync(SftpSession session, ReadOnlyMemory<byte> handle, Stream content, CancellationToken ct)
    {
        var writing = new Writing(session, handle, ct);
        var digest = await StoreReading.CopyAsync(content, writing, ct);
        await writing.FlushAsync(ct);
        return digest;
    }

    private sealed class Writing(SftpSession session, ReadOnlyMemory<byte> handle, CancellationToken end) : ForwardStream
    {
        private readonly Queue<Task<SftpAnswer>> _underWay = new();
        private ulong _offset;

        public override bool CanWrite => true;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (var at = 0; at < buffer.Length; at += Block)
            {
                if (_underWay.Count >= UnderWay)
                {
                    await _underWay.Dequeue().WaitAsync(cancellationToken);
                }

                var piece = buffer.Slice(at, Math.Min(Block, buffer.Length - at));
                var message = new SftpMessage(SftpKind.Write).Bytes(handle.Span).Long(_offset).Bytes(piece.Span);
                _underWay.Enqueue((await session.SendAsync([message], cancellationToken))[0]);
                _offset += (ulong)piece.Length;
            }
        }

        public override async Task FlushAsync(CancellationToken cancellationToken)
        {
            while (_underWay.TryDequeue(out var answer))
            {
                await answer.WaitAsync(end);
            }
        }
    }

    private sealed class Reading(SftpSession session, ReadOnlyMemory<byte> handle, string name) : ForwardStream
    {
        private readonly Queue<Task<SftpAnswer>> _underWay = new();
        private ReadOnlyMemory<byte> _rest;
        private ulong _asked;
        private ulong _got;
        private bool _isAtEnd;

        public override bool CanRead => true;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (_rest.IsEmpty && !_isAtEnd)
            {
                await NextAsync(cancellationToken);
            }

            var count = Math.Min(buffer.Length, _rest.Length);
            _rest[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }

        public override async ValueTask DisposeAsync()
        {
            while (_underWay.TryDequeue(out var answer))
            {
                await answer.ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }

            await (await session.SendAsync([new SftpMessage(SftpKind.Close).Bytes(handle.Span)], CancellationToken.None))[0]
                .ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await base.DisposeAsync();
        }

        private async Task NextAsync(CancellationToken ct)
        {
            while (_underWay.Count < UnderWay)
            {
                _underWay.Enqueue((await session.SendAsync([Ask(_asked, Block)], ct))[0]);
                _asked += Block;
            }

            try
            {
                var data = (await _underWay.Dequeue().WaitAsync(ct)).Bytes();
                var expected = _got + Block;
                _got += (ulong)data.Length;
                if (data.IsEmpty)
                {
                    throw new InvalidDataException("an answer without data");
                }

                // A server may answer with less than was asked for; then the block has to be filled before the next one counts.
                _rest = _got == expected ? data : await FilledAsync(data, expected, ct);
            }
            catch (SftpException ex) when (ex.Code is SftpException.EndOfFile)
            {
                _isAtEnd = true;
            }
            catch (Exception ex) when (ex is SftpException or InvalidDataException)
            {
                throw new ReleaseException(Fault.StoreRefused, $"'{name}' could not be read: {ex.Message}.", inner: ex);
            }
        }

        private async Task<ReadOnlyMemory<byte>> FilledAsync(ReadOnlyMemory<byte> first, ulong until, CancellationToken ct)
        {
            var filled = new MemoryStream();
            filled.Write(first.Span);
            try
            {
                while (_got < until)
                {
                    var data = (await session.AskAsync(Ask(_got, (uint)(until - _got)), ct)).Bytes();
                    filled.Write(data.Span);
                    _got += (ulong)data.Length;
                }
            }
            catch (SftpException ex) when (ex.Code is SftpException.EndOfFile)
            {
                _isAtEnd = true;
            }

            return filled.ToArray();
        }

        private SftpMessage Ask(ulong offset, uint count) => new SftpMessage(SftpKind.Read).Bytes(handle.Span).Long(offset).Number(count);
    }
}
