using System.Buffers.Binary;

namespace DotnetRelease.Containers.Wire;

/// <summary>What a terminal shows at once.</summary>
/// <param name="Rows">Lines.</param>
/// <param name="Columns">Characters in a line.</param>
internal sealed record WindowSize(ushort Rows, ushort Columns)
{
    /// <summary>Size of <c>struct winsize</c>: rows, columns, and both in pixels, which nobody uses.</summary>
    internal const int ByteCount = 8;

    internal byte[] ToBytes()
    {
        var bytes = new byte[ByteCount];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, Rows);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(sizeof(ushort)), Columns);
        return bytes;
    }
}
