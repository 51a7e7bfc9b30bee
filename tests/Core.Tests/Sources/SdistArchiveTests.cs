using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Sources;
using FsCheck;
using FsCheck.Fluent;

namespace DotnetRelease.Core.Tests.Sources;

/// <summary>Archives of foreign code, written anew: what stays, what is forgotten, and what is refused.</summary>
[TestClass]
public sealed class SdistArchiveTests(TestContext test)
{
    private const string Top = "tool-1.0";

    private static readonly SdistArchive Form = new(Top + ".tar", Top, new string('a', 40), DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Names_contents_links_and_programs_stay()
    {
        using var scratch = new Scratch();
        var deep = $"{Top}/{string.Join('/', Enumerable.Repeat("folder-with-a-long-name", 12))}/ü";
        var bytes = new TarBuilder().Extension('g', "30 comment=of somebody else!!\n"u8.ToArray())
            .File($"{Top}/src/run", "#!/bin/sh\n", 0b111_101_101, 1000).Link($"{Top}/src/also", "../README").File($"./{Top}/README", "read me\n", 0b110_000_000)
            .HardLink($"{Top}/src/same", $"{Top}/README").Folder($"{Top}/empty/", 0b111_000_000)
            .Pax(("path", Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(deep)).Replace("Ã¼", "ü", StringComparison.Ordinal)), ("mtime", "1.5")).File("short", "deep\n").Build();

        Write(bytes, scratch["tool-1.0.tar"]);

        var listed = (await Exec.ReadAsync(new Command("tar", "--full-time", "--quoting-style=literal", "-tvf", scratch["tool-1.0.tar"]).With("LC_ALL", "C.UTF-8").With("TZ", "UTC"), Ct)).Output;
        string[] expected =
        [
            $"drwxrwxr-x root/root 0 2023-11-14 22:13:20 {Top}/",
            $"-rw-rw-r-- root/root 8 2023-11-14 22:13:20 {Top}/README",
            $"drwxrwxr-x root/root 0 2023-11-14 22:13:20 {Top}/empty/",
            $"-rw-rw-r-- root/root 5 2023-11-14 22:13:20 {deep}",
            $"drwxrwxr-x root/root 0 2023-11-14 22:13:20 {Top}/src/",
            $"lrwxrwxrwx root/root 0 2023-11-14 22:13:20 {Top}/src/also -> ../README",
            $"-rwxrwxr-x root/root 10 2023-11-14 22:13:20 {Top}/src/run",
            $"-rw-rw-r-- root/root 8 2023-11-14 22:13:20 {Top}/src/same",
        ];
        var lines = listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            .Where(line => !line.EndsWith("folder-with-a-long-name/", StringComparison.Ordinal));
        Assert.AreEqual(string.Join('\n', expected), string.Join('\n', lines));
        var read = await Exec.ReadAsync(new Command("tar", "-xOf", scratch["tool-1.0.tar"], $"{Top}/src/same", deep), Ct);
        Assert.AreEqual("read me\ndeep\n", string.Concat(read.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).OrderDescending(StringComparer.Ordinal).Select(line => line + "\n")));
        var id = await Exec.ReadAsync(new Command("git", "get-tar-commit-id") { Input = await File.ReadAllBytesAsync(scratch["tool-1.0.tar"], Ct) }, Ct);
        Assert.AreEqual(Form.Commit, id.Output.Trim());
    }

    [TestMethod]
    public void Neither_order_nor_times_nor_owners_nor_the_form_of_the_archive_show() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(25), Prop.ForAll<byte[], int>((picks, seed) =>
    {
        var files = picks.Distinct().Select(pick => new Sample($"{Top}/d{pick % 5}/{(pick % 3 is 0 ? new string('n', 120) : "f")}{pick}", new byte[pick * 7], pick % 2 is 0)).Append(new($"{Top}/x", [1], false)).ToList();

        var one = Written(TarOf(files, 1));
        var other = Written(TarOf(files, seed));

        return one.SequenceEqual(other) && Written(one).SequenceEqual(one);
    }));

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public void Whatever_a_byte_becomes_it_is_read_or_refused()
    {
        var plain = TarOf([new($"{Top}/a", "text"u8.ToArray(), true), new($"{Top}/{new string('n', 150)}", new byte[700], false)], 5);
        var packed = Gzip(plain);
        var random = new Random(20260101);
        for (var round = 0; round < 400; round++)
        {
            var (bytes, form) = round % 2 is 0 ? ((byte[])plain.Clone(), Form) : ((byte[])packed.Clone(), Form with { File = Top + ".tar.gz" });
            for (var change = 0; change <= round % 4; change++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var end = round % 5 is 0 ? random.Next(bytes.Length) : bytes.Length;
            try
            {
                Written(bytes[..end], form);
            }
            catch (ReleaseException ex)
            {
                Assert.AreEqual(Fault.SdistRefused, ex.Fault, ex.Message);
            }
        }
    }

    [TestMethod]
    [DataRow("an absolute name", "has the name '/etc/passwd', which leads elsewhere")]
    [DataRow("a name above", "has the name 'tool-1.0/../x', which leads elsewhere")]
    [DataRow("another folder", "has 'other/x', which is not in the folder 'tool-1.0'")]
    [DataRow("a folder of nearly the name", "has 'tool-1.0-x/x', which is not in the folder 'tool-1.0'")]
    [DataRow("a file for the folder", "has 'tool-1.0' twice")]
    [DataRow("no file", "has no file")]
    [DataRow("two of a name", "has 'tool-1.0/a' twice")]
    [DataRow("two of a name, spelled otherwise", "has 'tool-1.0/a' twice")]
    [DataRow("a file below a file", "has 'tool-1.0/a' twice, or something below it")]
    [DataRow("a file behind a link", "has 'tool-1.0/a' twice, or something below it")]
    [DataRow("a link to the machine", "has the link 'tool-1.0/a' to '/etc', which leads out")]
    [DataRow("a link above", "has the link 'tool-1.0/a' to '../x', which leads out")]
    [DataRow("a link over the top", "has the link 'tool-1.0/a' to '../tool-1.0/../x', which leads out")]
    [DataRow("a link over a link", "has the link 'tool-1.0/b' to 'a/../../x', which leads out of 'tool-1.0' or over another link")]
    [DataRow("a link to nothing", "has the link 'tool-1.0/a' to '', which leads out")]
    [DataRow("a hard link above", "has the name '../../etc/passwd', which leads elsewhere")]
    [DataRow("a hard link to what comes later", "which is no file before it")]
    [DataRow("a hard link to a link", "which is no file before it")]
    [DataRow("a FIFO", "is neither a file nor a folder nor a link")]
    [DataRow("a device", "is neither a file nor a folder nor a link")]
    [DataRow("a sparse file", "has the sparse file 'tool-1.0/a'")]
    [DataRow("a name of two lines", "has a name that no source has, 'tool-1.0/a?b'")]
    [DataRow("a name that is no text", "has a name that no source has")]
    [DataRow("a name of 256 bytes", "has a name that no source has")]
    [DataRow("a hundred folders", "has a name that no source has")]
    [DataRow("a long header", "a header has ")]
    [DataRow("a huge header that is not there", "is no tar archive, or a damaged one")]
    [DataRow("a size that is none", "is no tar archive, or a damaged one")]
    [DataRow("the start of a file", "is cut short")]
    [DataRow("no end", "is cut short")]
    [DataRow("no tar", "is no tar archive, or a damaged one")]
    [DataRow("nothing", "is cut short")]
    [DataRow("no gzip", "is no gzip file")]
    [DataRow("a bomb", "200 for each byte that is packed")]
    [DataRow("copies of a large file", "entries or 2147483648 bytes")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public void What_is_no_source_is_refused_and_named(string what, string words)
    {
        using var scratch = new Scratch();
        var isPacked = what is "no gzip" or "a bomb";
        var form = isPacked ? Form with { File = Top + ".tar.gz" } : Form;

        var error = Assert.ThrowsExactly<ReleaseException>(() => form.Repack(new MemoryStream(Hostile(what)), scratch[form.File], Ct));

        Assert.AreEqual(Fault.SdistRefused, error.Fault, error.Message);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{form.File}, which the container gave, ", error.Message, StringComparison.Ordinal);
        Assert.IsEmpty(Directory.GetFiles(scratch.Root));
    }

    private static byte[] Hostile(string what) => what switch
    {
        "nothing" => [],
        "no tar" => [.. Enumerable.Repeat((byte)'x', 2048), .. new byte[1024]],
        "no gzip" => "plain"u8.ToArray(),
        "a bomb" => Gzip(new byte[80 * 1024 * 1024]),
        "the start of a file" => [.. new TarBuilder().Entry('0', $"{Top}/a", size: 4096).Build()],
        "no end" => new TarBuilder().File($"{Top}/a", "x").BuildUnfinished(),
        _ => Entries(what).Build(),
    };

    private static TarBuilder Entries(string what)
    {
        const string a = $"{Top}/a";
        var tar = new TarBuilder();
        return what switch
        {
            "an absolute name" => tar.File("/etc/passwd"),
            "a name above" => tar.File($"{Top}/../x"),
            "another folder" => tar.File(a).File("other/x"),
            "a folder of nearly the name" => tar.File(a).File($"{Top}-x/x"),
            "a file for the folder" => tar.File(Top),
            "no file" => tar.Folder($"{Top}/").Folder($"{Top}/b/"),
            "two of a name" => tar.File(a, "1").File(a, "2"),
            "two of a name, spelled otherwise" => tar.File(a, "1").File($"./{Top}//./a", "2"),
            "a file below a file" => tar.File(a).File($"{a}/b"),
            "a file behind a link" => tar.Link(a, "b").File($"{a}/b"),
            "a link to the machine" => tar.File($"{Top}/b").Link(a, "/etc"),
            "a link above" => tar.File($"{Top}/b").Link(a, "../x"),
            "a link over the top" => tar.File($"{Top}/b").Link(a, "../tool-1.0/../x"),
            "a link over a link" => tar.File($"{Top}/d/e/f").Link(a, "d").Link($"{Top}/b", "a/../../x"),
            "a link to nothing" => tar.File($"{Top}/b").Link(a, ""),
            "a hard link above" => tar.HardLink(a, "../../etc/passwd"),
            "a hard link to what comes later" => tar.HardLink(a, $"{Top}/b").File($"{Top}/b"),
            "a hard link to a link" => tar.Link($"{Top}/b", "c").HardLink(a, $"{Top}/b"),
            "a FIFO" => tar.Entry('6', a),
            "a device" => tar.Entry('3', a),
            "a sparse file" => tar.Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "x"), ("GNU.sparse.realsize", "5000")).File(a, "0\n"),
            "a name of two lines" => tar.File($"{a}\nb"),
            "a name that is no text" => tar.File($"{a}\xff"),
            "a name of 256 bytes" => tar.Pax(("path", $"{Top}/{new string('n', 256)}")).File(a),
            "a hundred folders" => tar.Pax(("path", $"{Top}/{string.Join('/', Enumerable.Repeat("d", 100))}")).File(a),
            "a long header" => tar.Pax(("path", $"{Top}/{new string('n', 2_000_000)}")).File(a),
            "a huge header that is not there" => tar.Entry('x', a, size: 2_000_000_000),
            "a size that is none" => tar.Entry('0', a, size: -5),
            "copies of a large file" => Enumerable.Range(0, 60).Aggregate(tar.File(a, new byte[40 * 1024 * 1024]), (links, number) => links.HardLink($"{Top}/{number}", a)),
            _ => throw new ArgumentException(what, nameof(what)),
        };
    }

    /// <summary>The same files as one of several programs would archive them at another time.</summary>
    private static byte[] TarOf(IReadOnlyList<Sample> files, int seed)
    {
        var random = new Random(seed);
        var format = (TarEntryFormat)random.Next((int)TarEntryFormat.Ustar, (int)TarEntryFormat.Gnu + 1);
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var file in files.OrderBy(_ => random.Next()))
            {
                if (random.Next(2) is 0 && Path.GetDirectoryName(file.Path) is { } folder)
                {
                    tar.WriteEntry(Dated(Make(format, TarEntryType.Directory, folder + "/"), random, UnixFileMode.UserExecute));
                }

                var mode = UnixFileMode.UserRead | (file.IsProgram ? UnixFileMode.UserExecute : UnixFileMode.None) | (random.Next(2) is 0 ? UnixFileMode.OtherExecute | UnixFileMode.SetUser : UnixFileMode.None);
                var entry = Dated(Make(format, TarEntryType.RegularFile, random.Next(2) is 0 ? file.Path : "./" + file.Path), random, mode);
                entry.DataStream = new MemoryStream(file.Content);
                tar.WriteEntry(entry);
            }
        }

        return bytes.ToArray();
    }

    private static TarEntry Make(TarEntryFormat format, TarEntryType type, string name) => format switch
    {
        TarEntryFormat.Ustar when name.Length < 100 => new UstarTarEntry(type, name),
        TarEntryFormat.Gnu => new GnuTarEntry(type, name),
        _ => new PaxTarEntry(type, name),
    };

    private static TarEntry Dated(TarEntry entry, Random random, UnixFileMode mode)
    {
        entry.ModificationTime = DateTimeOffset.FromUnixTimeSeconds(random.Next());
        entry.Mode = mode;
        entry.Uid = random.Next(60_000);
        return entry;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Written(byte[] bytes, SdistArchive? form = null)
    {
        using var scratch = new Scratch();
        var path = scratch[(form ?? Form).File];
        (form ?? Form).Repack(new MemoryStream(bytes), path, CancellationToken.None);
        return File.ReadAllBytes(path);
    }

    private static void Write(byte[] bytes, string path) => Form.Repack(new MemoryStream(bytes), path, CancellationToken.None);

    private sealed record Sample(string Path, byte[] Content, bool IsProgram);
}
