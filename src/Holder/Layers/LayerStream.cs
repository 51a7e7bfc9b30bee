using System.IO.Compression;
using System.Security.Cryptography;
using DotnetRelease.Images;
using DotnetRelease.Storage;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Holder.Layers;

/// <summary>
/// The uncompressed bytes of a layer in pieces, counted, hashed and limited. Unpacking, hashing and the consumer each have a thread,
/// because each alone takes about a third of the time.
/// </summary>
internal sealed class LayerStream : IDisposable
{
    /// <summary>A multiple of tar's block, so that no header spans two pieces.</summary>
    private const int PieceSize = 512 * 1024;

    private const int Pieces = 8;

    private readonly Handover _filled = new();
    private readonly Handover _hashed = new();
    private readonly Handover _empty = new();
    private readonly SHA256Sum _sum = new();
    private readonly Thread _hasher;
    private readonly Thread _reader;
    private Piece? _current;
    private int _position;

    internal LayerStream(SafeFileHandle packed, LayerCompression compression, LayerLimits limits)
    {
        for (var i = 0; i < Pieces; i++)
        {
            _empty.Put(new Piece(new byte[PieceSize]));
        }

        _reader = new Thread(() => Fill(packed, compression, limits)) { IsBackground = true };
        _hasher = new Thread(Hash) { IsBackground = true };
        _reader.Start();
        _hasher.Start();
    }

    /// <summary>Up to <paramref name="most"/> bytes that stay valid until the next call; empty at the end.</summary>
    internal ReadOnlySpan<byte> Read(long most)
    {
        while (_current is null || _position == _current.Length)
        {
            if (_current is { IsLast: true })
            {
                return [];
            }

            if (_current is not null)
            {
                _empty.Put(_current);
            }

            _current = _hashed.Take();
            _position = 0;
            if (_current.Error is { } error)
            {
                throw error;
            }
        }

        var count = (int)Math.Min(most, _current.Length - _position);
        _position += count;
        return _current.Bytes.AsSpan(_position - count, count);
    }

    /// <summary>Reads what is left and returns the digest of everything, in hex.</summary>
    internal string Finish()
    {
        while (!Read(PieceSize).IsEmpty)
        {
            // The digest covers the padding behind the archive's end too.
        }

        return _sum.Hex;
    }

    public void Dispose()
    {
        _empty.Stop();
        _filled.Stop();
        _hashed.Stop();
        _reader.Join();
        _hasher.Join();
    }

    private void Fill(SafeFileHandle packed, LayerCompression compression, LayerLimits limits)
    {
        Piece? piece = null;
        try
        {
            using var file = new FileStream(packed, FileAccess.Read, compression is LayerCompression.Gzip ? 256 * 1024 : 0);
            using var plain = Unpack(file, compression);
            long total = 0;
            do
            {
                piece = _empty.Take();
                piece.Length = plain.ReadAtLeast(piece.Bytes, PieceSize, throwOnEndOfStream: false);
                piece.IsLast = piece.Length < PieceSize;
                total += piece.Length;
                limits.CheckSize(total, file.Position);
                _filled.Put(piece);
            }
            while (!piece.IsLast);
        }
        catch (HandoverStoppedException)
        {
            // The consumer gave up; its own exception says why.
        }
        catch (Exception ex) when (ex is IOException or InvalidDataException or ReleaseException)
        {
            _filled.Put(new Piece([])
            {
                IsLast = true,
                Error = ex as ReleaseException ?? new ReleaseException(Fault.ImageMismatch, $"the packed layer cannot be read: {ex.Message}"),
            });
        }
    }

    private static Stream Unpack(FileStream file, LayerCompression compression) => compression switch
    {
        LayerCompression.Gzip => new GZipStream(file, CompressionMode.Decompress),
        LayerCompression.Zstd => Zstd.OpenRead(file),
        LayerCompression.Xz => Xz.OpenRead(file),
        _ => file,
    };

    private void Hash()
    {
        try
        {
            for (var last = false; !last;)
            {
                var piece = _filled.Take();
                last = piece.IsLast;
                _sum.Append(piece.Bytes.AsSpan(0, piece.Length));
                if (last)
                {
                    _sum.Finish();
                }

                _hashed.Put(piece);
            }
        }
        catch (HandoverStoppedException)
        {
            // See above.
        }
    }

    private sealed class SHA256Sum
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        internal string Hex { get; private set; } = "";

        internal void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

        internal void Finish()
        {
            Hex = Convert.ToHexStringLower(_hash.GetHashAndReset());
            _hash.Dispose();
        }
    }
}

/// <summary>A part of a layer on its way through the threads.</summary>
/// <param name="bytes">The buffer.</param>
internal sealed class Piece(byte[] bytes)
{
    internal byte[] Bytes { get; } = bytes;

    internal int Length { get; set; }

    internal bool IsLast { get; set; }

    internal ReleaseException? Error { get; init; }
}

/// <summary>Hands pieces from one thread to the next, in order.</summary>
internal sealed class Handover
{
    private readonly Queue<Piece> _pieces = new();
    private bool _stopped;

    internal void Put(Piece piece)
    {
        lock (_pieces)
        {
            _pieces.Enqueue(piece);
            Monitor.Pulse(_pieces);
        }
    }

    internal Piece Take()
    {
        lock (_pieces)
        {
            while (_pieces.Count is 0 && !_stopped)
            {
                Monitor.Wait(_pieces);
            }

            return _stopped ? throw new HandoverStoppedException() : _pieces.Dequeue();
        }
    }

    internal void Stop()
    {
        lock (_pieces)
        {
            _stopped = true;
            Monitor.PulseAll(_pieces);
        }
    }
}

/// <summary>The other side of a <see cref="Handover"/> has ended the work.</summary>
internal sealed class HandoverStoppedException : Exception;
