using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace DotnetRelease.Containers.Wire;

/// <summary>One message between tool and holder: numbers and texts in the order in which they are written, and open descriptors.</summary>
internal sealed class Message
{
    private byte[] _bytes;
    private int _length;
    private int _position;

    /// <summary>An empty message to write into.</summary>
    internal Message() => _bytes = new byte[256];

    /// <summary>A received message to read from.</summary>
    internal Message(byte[] received, int[] descriptors)
    {
        _bytes = received;
        _length = received.Length;
        Descriptors = descriptors;
    }

    /// <summary>Open descriptors that travel along. The receiver owns the ones it gets.</summary>
    internal int[] Descriptors { get; init; } = [];

    internal ReadOnlySpan<byte> Payload => _bytes.AsSpan(0, _length);

    /// <summary>The request's number, which stands first.</summary>
    internal long FirstNumber => BinaryPrimitives.ReadInt64LittleEndian(_bytes);

    internal Message Write(long number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Grow(sizeof(long)), number);
        return this;
    }

    internal Message Write(bool flag) => Write(flag ? 1 : 0);

    internal Message Write(string text)
    {
        var count = Encoding.UTF8.GetByteCount(text);
        Write(count);
        Encoding.UTF8.GetBytes(text, Grow(count));
        return this;
    }

    internal Message Write(ImmutableArray<string> texts)
    {
        Write(texts.Length);
        foreach (var text in texts)
        {
            Write(text);
        }

        return this;
    }

    internal long ReadNumber() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    internal int ReadInt() => checked((int)ReadNumber());

    internal bool ReadFlag() => ReadNumber() is not 0;

    internal string ReadText() => Encoding.UTF8.GetString(Take(ReadInt()));

    internal ImmutableArray<string> ReadTexts()
    {
        var texts = ImmutableArray.CreateBuilder<string>();
        for (var left = ReadInt(); left > 0; left--)
        {
            texts.Add(ReadText());
        }

        return texts.ToImmutable();
    }

    private Span<byte> Grow(int count)
    {
        if (_bytes.Length - _length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        }

        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        var taken = Payload.Slice(_position, count);
        _position += count;
        return taken;
    }
}
