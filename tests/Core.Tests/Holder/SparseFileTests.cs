extern alias holder;

using System.Globalization;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using Refused = holder::DotnetRelease.ReleaseException;

namespace DotnetRelease.Core.Tests.Holder;

/// <summary>Files with holes in all forms that GNU tar writes; tar itself writes the good ones.</summary>
[TestClass]
public sealed class SparseFileTests(TestContext test)
{
    private const int Size = 64 * 1024 * 1024;

    private static readonly DateTime Written = new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [DataRow("gnu", "")]
    [DataRow("posix", "0.0")]
    [DataRow("posix", "0.1")]
    [DataRow("posix", "1.0")]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_file_with_holes_arrives_with_its_bytes_and_its_holes(string format, string version)
    {
        using var scratch = new Scratch();

        // More parts than the old header and one block behind it hold, and a hole at the end.
        using (var file = File.OpenHandle(scratch["holes"], FileMode.CreateNew, FileAccess.Write))
        {
            for (var i = 0; i < 40; i++)
            {
                RandomAccess.Write(file, Encoding.ASCII.GetBytes($"part {i}"), (i * 1024L * 1024) + 5);
            }

            RandomAccess.SetLength(file, Size);
        }

        File.SetLastWriteTimeUtc(scratch["holes"], Written);
        var sum = await SumAsync(scratch["holes"]);
        string[] form = version is "" ? [] : ["--sparse-version", version];
        await Exec.ReadAsync(new Command("tar", ["-C", scratch.Root, "--sparse", "--format", format, .. form, "--owner=0", "--group=0", "--mode=u=rw,go=r", "-cf", scratch["tar"], "holes"]), Ct);
        Assert.IsLessThan(Size / 8, new FileInfo(scratch["tar"]).Length, "the file system keeps no holes, and the test shows nothing");

        using var layer = new UnpackedLayer();
        layer.Apply(await File.ReadAllBytesAsync(scratch["tar"], Ct));

        var unpacked = Path.Combine(layer.Root, "holes");
        Assert.AreEqual(sum, await SumAsync(unpacked));
        Assert.AreEqual((UnixFileMode)0b110_100_100, File.GetUnixFileMode(unpacked));
        Assert.AreEqual(Written, File.GetLastWriteTimeUtc(unpacked));
        var blocks = (await Exec.ReadAsync(new Command("stat", "-c", "%b", unpacked), Ct)).Output;
        Assert.IsLessThan(Size / 8, 512 * long.Parse(blocks, CultureInfo.InvariantCulture));
    }

    private static readonly Dictionary<string, byte[]> WrongMaps = new(StringComparer.Ordinal)
    {
        ["parts overlap"] = Pax(("GNU.sparse.size", "100"), ("GNU.sparse.map", "0,3,2,2")),
        ["parts descend"] = Pax(("GNU.sparse.size", "100"), ("GNU.sparse.map", "50,3,2,2")),
        ["a part behind the end"] = Pax(("GNU.sparse.size", "4"), ("GNU.sparse.map", "0,5")),
        ["more than is stored"] = Pax(("GNU.sparse.size", "100"), ("GNU.sparse.map", "0,6")),
        ["less than is stored"] = Pax(("GNU.sparse.size", "100"), ("GNU.sparse.map", "0,4")),
        ["a sum that overflows"] = Pax(("GNU.sparse.size", "9223372036854775807"), ("GNU.sparse.map", "0,9223372036854775807,9223372036854775807,9223372036854775807")),
        ["an odd count"] = Pax(("GNU.sparse.size", "100"), ("GNU.sparse.map", "0,5,7")),
        ["negative"] = Pax(("GNU.sparse.size", "100"), ("GNU.sparse.map", "-5,5")),
        ["no number"] = Pax(("GNU.sparse.size", "100"), ("GNU.sparse.map", "0,5,,")),
        ["no size"] = Pax(("GNU.sparse.map", "0,5")),
        ["size negative"] = Pax(("GNU.sparse.size", "-1"), ("GNU.sparse.map", "0,5")),
        ["a length before its offset"] = Pax(("GNU.sparse.size", "100"), ("GNU.sparse.numbytes", "5"), ("GNU.sparse.offset", "0")),
        ["a form nobody knows"] = Pax(("GNU.sparse.major", "2"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "100")),
        ["a record nobody knows"] = Pax(("GNU.sparse.size", "100"), ("GNU.sparse.other", "1")),
        ["a folder"] = new TarBuilder().Pax(("GNU.sparse.size", "0")).Folder("d").Build(),
        ["lines that are letters"] = Lines("x\n"),
        ["lines that do not end"] = Lines("1"),
        ["lines with an absurd count"] = Lines("999999999999999999\n"),
        ["lines with a number too long"] = Lines("1\n0\n00000000000000000000001\n"),
        ["lines with an empty one"] = Lines("1\n\n5\n"),
        ["old map that lies"] = Old("00000000000", "00000000777", "00000001000"),
        ["old map that is no number"] = Old("0000000000x", "00000000000", "00000001000"),
        ["old map that never ends"] = Old("00000000000", "00000000000", "00000001000", more: 1),
    };

    public static IEnumerable<object[]> WrongMapsNames => WrongMaps.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(WrongMapsNames))]
    [Timeout(30_000)]
    public void A_map_that_contradicts_itself_is_refused(string what)
    {
        var failure = Assert.ThrowsExactly<Refused>(() => UnpackedLayer.Read(WrongMaps[what]), what);

        Assert.AreEqual("REL2103", failure.Fault.Id, failure.Message);
    }

    [TestMethod]
    [Timeout(30_000)]
    public void Holes_count_as_if_they_were_bytes()
    {
        using var layer = new UnpackedLayer();
        var tar = Pax(("GNU.sparse.size", "99999999999999"), ("GNU.sparse.map", "0,5"));

        var failure = Assert.ThrowsExactly<Refused>(() => layer.Apply(tar));

        Assert.AreEqual("REL2106", failure.Fault.Id, failure.Message);
        Assert.Contains("holes", failure.Message, StringComparison.Ordinal);
    }

    private static byte[] Pax(params (string, string)[] records) => new TarBuilder().Pax(records).File("sparse", "12345").Build();

    private static byte[] Lines(string map) =>
        new TarBuilder().Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "s"), ("GNU.sparse.realsize", "100"))
            .File("sparse", [.. Encoding.ASCII.GetBytes(map), .. new byte[512 - map.Length], .. "12345"u8]).Build();

    private static byte[] Old(string offset, string length, string size, byte more = 0)
    {
        var block = new TarBuilder().Entry('S', "old").BuildUnfinished();
        Encoding.ASCII.GetBytes(offset + "\0" + length + "\0").CopyTo(block.AsSpan(386));
        block[482] = more;
        Encoding.ASCII.GetBytes(size).CopyTo(block.AsSpan(483));
        TarBuilder.Sum(block);
        var tar = new TarBuilder().Raw(block);
        for (var i = 0; more is 1 && i < 10_000; i++)
        {
            var next = new byte[512];
            for (var part = 0; part < 21; part++)
            {
                Encoding.ASCII.GetBytes("00000000000\000000000000").CopyTo(next.AsSpan(part * 24));
            }

            next[504] = 1;
            tar.Raw(next);
        }

        return tar.Build();
    }

    private async Task<string> SumAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(file, Ct));
    }
}
