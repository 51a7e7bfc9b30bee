using System.IO.Compression;
using System.Text;
using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;
using FsCheck;
using FsCheck.Fluent;

namespace DotnetRelease.Core.Tests.Rpm;

[TestClass]
public sealed class RpmPayloadTests(TestContext test)
{
    private static readonly RpmDraft Draft = new(new Nevra("payload", 0, "1", "1", "noarch"), "For its payload", "MIT", DateTimeOffset.UnixEpoch)
    {
        Files = [new RpmDraftFile("/etc/first", "first"u8.ToArray()), new RpmDraftFile("/etc/second", "2"u8.ToArray())],
    };

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    public async Task The_files_come_in_their_order_with_exactly_their_bytes() =>
        Assert.AreEqual("/etc/first=first /etc/second=2", await ReadAsync(RpmWriter.ToBytes(Draft)));

    [TestMethod]
    public async Task The_short_form_names_files_by_their_place_in_the_header()
    {
        var archive = "07070X00000001\0\0" + "2\0\0\0" + "07070X00000000\0\0" + "first\0\0\0" + LongTrailer;

        Assert.AreEqual("/etc/second=2 /etc/first=first", await ReadAsync(With(archive)));
    }

    [TestMethod]
    [DataRow("07070X00000002\0\0", "a file 2, and its header has 2")]
    [DataRow("07070X0000000g\0\0", "no number")]
    [DataRow("07070X00000001\0\0" + "2\0\0\0" + "07070X00000001\0\0", "'/etc/second' twice")]
    [DataRow("07070X00000001\0\0", "cut short")]
    [DataRow("070709", "cut short")]
    [DataRow("no archive at all", "no file where one should begin")]
    [DataRow("", "cut short")]
    public async Task An_archive_that_does_not_fit_the_header_is_refused(string archive, string says)
    {
        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => ReadAsync(With(archive)));

        Assert.AreEqual(Fault.RpmMalformed, refused.Fault);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_file_of_another_size_than_the_header_says_is_refused()
    {
        var package = RpmWriter.ToBytes(Draft);
        var archive = Encoding.Latin1.GetString(Unpack(package)).Replace("00000005000000", "000000ff000000", StringComparison.Ordinal);

        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => ReadAsync(With(archive)));

        Assert.Contains("has 255 bytes in its payload and 5 in its header", refused.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Changed_and_cut_payloads_are_read_or_refused()
    {
        var package = RpmWriter.ToBytes(Draft);
        var archive = Unpack(package);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll<(ushort At, byte Value)[], byte, bool>((changes, cut, packed) =>
        {
            var bytes = packed ? package[^200..].ToArray() : archive.ToArray();
            foreach (var (at, value) in changes ?? [])
            {
                bytes[at % bytes.Length] = value;
            }

            bytes = bytes[..^Math.Min(cut, bytes.Length)];
            return IsReadOrRefused(packed ? [.. package[..^200], .. bytes] : With(Encoding.Latin1.GetString(bytes)));
        }));
    }

    [TestMethod]
    public void Changed_and_cut_programs_are_read_or_none() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll<(byte At, byte Value)[], byte>((changes, cut) =>
    {
        var bytes = ElfBytes.Of(62, "/tmp/x:$ORIGIN");
        foreach (var (at, value) in changes ?? [])
        {
            bytes[at % bytes.Length] = value;
        }

        _ = ElfFile.TryRead(new MemoryStream(bytes[..^Math.Min(cut, bytes.Length)]));
        return true;
    }));

    [TestMethod]
    public void A_program_of_the_other_byte_order_and_of_32_bits_is_read()
    {
        byte[] big = [.. "\u007fELF\x02\x02\x01"u8, .. new byte[9], 0, 3, 0, 22, .. new byte[44]];
        byte[] narrow = [.. "\u007fELF\x01\x01\x01"u8, .. new byte[9], 3, 0, 40, 0, .. new byte[44]];

        Assert.AreEqual((ElfFile.MachineOf("s390x"), ElfFile.MachineOf("armv7hl")), (ElfFile.TryRead(new MemoryStream(big))?.Machine, ElfFile.TryRead(new MemoryStream(narrow))?.Machine));
    }

    private static string LongTrailer => Encoding.Latin1.GetString(Unpack(RpmWriter.ToBytes(Draft with { Files = [] })));

    /// <summary>The draft's package with another archive in its payload.</summary>
    private static byte[] With(string archive)
    {
        var package = RpmWriter.ToBytes(Draft);
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression, leaveOpen: true))
        {
            gzip.Write(Encoding.Latin1.GetBytes(archive));
        }

        return [.. package[..PayloadAt(package)], .. packed.ToArray()];
    }

    private static byte[] Unpack(byte[] package)
    {
        using var gzip = new GZipStream(new MemoryStream(package[PayloadAt(package)..]), CompressionMode.Decompress);
        var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private static int PayloadAt(byte[] package) => (int)RpmStart.Parse(package, package.Length, "draft").PayloadOffset;

    private bool IsReadOrRefused(byte[] bytes)
    {
        try
        {
            _ = ReadAsync(bytes).GetAwaiter().GetResult();
            return true;
        }
        catch (ReleaseException ex)
        {
            return ex.Fault == Fault.RpmMalformed;
        }
    }

    private async Task<string> ReadAsync(byte[] bytes)
    {
        using var scratch = new Scratch();
        var path = scratch.Write("package.rpm", bytes);
        using var payload = RpmPayload.Open(await RpmPackage.ReadAsync(path, Ct));
        var found = new List<string>();
        while (payload.MoveNext())
        {
            // Read in parts that are not the file's.
            var (text, part) = (new StringBuilder(), new byte[3]);
            for (int count; (count = payload.Read(part)) > 0;)
            {
                text.Append(Encoding.Latin1.GetString(part, 0, count));
            }

            found.Add($"{payload.File.Path}={text}");
        }

        return string.Join(' ', found);
    }
}
