using System.Buffers.Binary;
using System.Text;

namespace DotnetRelease.Tags;

/// <summary>Reads what ssh writes: numbers of four bytes and strings with their length before them; RFC 4251 section 5.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether nothing is left.</summary>
    internal readonly bool IsAtEnd => _rest.IsEmpty;

    internal bool TryNumber(out uint number)
    {
        var fits = BinaryPrimitives.TryReadUInt32BigEndian(_rest, out number);
        _rest = fits ? _rest[sizeof(uint)..] : _rest;
        return fits;
    }

    internal bool TryBytes(out ReadOnlySpan<byte> content)
    {
        content = default;
        var start = _rest;
        if (!TryNumber(out var length) || length > (uint)_rest.Length)
        {
            _rest = start;
            return false;
        }

        content = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return true;
    }

    internal bool TryText(out string text)
    {
        var fits = TryBytes(out var content) && Ascii.IsValid(content);
        text = fits ? Encoding.ASCII.GetString(content) : "";
        return fits;
    }
}
