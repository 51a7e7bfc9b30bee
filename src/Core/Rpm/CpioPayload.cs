using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace DotnetRelease.Rpm;

/// <summary>The files of a package as rpm stores them: an archive of cpio's "newc" form, in gzip.</summary>
/// <param name="Bytes">In gzip, without compression: how well a machine's zlib compresses must not be seen in the result.</param>
/// <param name="Length">Bytes of the archive itself.</param>
/// <param name="Digest">SHA-256 of the archive itself, in hex.</param>
internal sealed record CpioPayload(byte[] Bytes, int Length, string Digest)
{
    private const int Alignment = 4;

    internal static CpioPayload Of(ImmutableArray<RpmDraftFile> files, DateTimeOffset made)
    {
        var archive = new MemoryStream();
        for (var index = 0; index < files.Length; index++)
        {
            Write(archive, new Entry("." + files[index].Path, index + 1, RpmWriter.FileMode), files[index].Content.Span, made);
        }

        Write(archive, new Entry("TRAILER!!!", 0, 0), [], DateTimeOffset.UnixEpoch);
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression, leaveOpen: true))
        {
            archive.WriteTo(gzip);
        }

        return new CpioPayload(packed.ToArray(), (int)archive.Length, Convert.ToHexStringLower(SHA256.HashData(archive.GetBuffer().AsSpan(0, (int)archive.Length))));
    }

    /// <summary>Thirteen numbers of eight hex digits, the name, the content; each part padded to four bytes.</summary>
    private static void Write(MemoryStream archive, Entry entry, ReadOnlySpan<byte> content, DateTimeOffset made)
    {
        var name = Encoding.UTF8.GetBytes(entry.Name + '\0');
        const int links = 1;
        long[] numbers = [entry.Inode, entry.Mode, 0, 0, links, made.ToUnixTimeSeconds(), content.Length, 0, 0, 0, 0, name.Length, 0];
        archive.Write("070701"u8);
        archive.Write(Encoding.ASCII.GetBytes(string.Concat(numbers.Select(number => number.ToString("x8", CultureInfo.InvariantCulture)))));
        archive.Write(name);
        Pad(archive);
        archive.Write(content);
        Pad(archive);
    }

    private static void Pad(MemoryStream archive)
    {
        while (archive.Length % Alignment is not 0)
        {
            archive.WriteByte(0);
        }
    }

    private sealed record Entry(string Name, int Inode, int Mode);
}
