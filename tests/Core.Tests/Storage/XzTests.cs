using System.Buffers.Binary;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Storage;

/// <summary>The program xz is the judge of what our reader reads.</summary>
[TestClass]
public sealed class XzTests
{
    private static readonly byte[] Plain = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 60_000).Select(i => $"{i * 7919 % 10_007} ")));

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(100_000)]
    public void Streams_in_a_row_are_read_in_pieces_of_any_size(int piece)
    {
        using var packed = new MemoryStream([.. TestImage.Xz(Plain), .. TestImage.Xz([]), .. TestImage.Xz(Plain)]);
        using var plain = new MemoryStream();
        using (var reader = Xz.OpenRead(packed))
        {
            var buffer = new byte[piece];
            for (int count; (count = reader.Read(buffer)) > 0;)
            {
                plain.Write(buffer, 0, count);
            }

            Assert.AreEqual(0, reader.Read(buffer));
        }

        CollectionAssert.AreEqual((byte[])[.. Plain, .. Plain], plain.ToArray());
        Assert.IsTrue(packed.CanRead);
    }

    [TestMethod]
    [DataRow("empty", "cut short")]
    [DataRow("cut", "cut short")]
    [DataRow("cut at the index", "cut short")]
    [DataRow("altered", "damaged")]
    [DataRow("text", "no xz")]
    [DataRow("behind", "damaged")]
    [DataRow("huge window", "more than 128 MiB of memory")]
    public void What_is_no_whole_xz_is_invalid_data(string what, string words)
    {
        var packed = TestImage.Xz(Plain);
        byte[] bytes = what switch
        {
            "empty" => [],
            "cut" => packed[..(packed.Length / 2)],
            "cut at the index" => packed[..^10],
            "altered" => [.. packed.Select((value, at) => at == packed.Length / 2 ? (byte)~value : value)],
            "behind" => [.. packed, .. "no xz, and longer than a header"u8],
            "huge window" => WithWindow(TestImage.Xz("a"u8.ToArray())),
            _ => "this is no xz, and longer than a header"u8.ToArray(),
        };
        using var stream = new MemoryStream(bytes);
        using var reader = Xz.OpenRead(stream);

        var ex = Assert.ThrowsExactly<InvalidDataException>(() => reader.CopyTo(Stream.Null));

        Assert.Contains(words, ex.Message, StringComparison.Ordinal);
    }

    /// <summary>Asks for the largest window, 4 GiB, in the header of the first block (xz file format, 3.1 and 5.3.1).</summary>
    private static byte[] WithWindow(byte[] packed)
    {
        const int block = 12;
        const byte largest = 40;
        var length = (packed[block] + 1) * 4;
        var filter = packed.AsSpan(block, length).IndexOf((byte)0x21);
        packed[block + filter + 2] = largest;
        var sum = uint.MaxValue;
        foreach (var one in packed.AsSpan(block, length - 4))
        {
            sum ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ (0xEDB88320 & (0 - (sum & 1)));
            }
        }

        BinaryPrimitives.WriteUInt32LittleEndian(packed.AsSpan(block + length - 4), ~sum);
        return packed;
    }
}
