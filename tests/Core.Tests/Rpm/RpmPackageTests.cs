using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

[TestClass]
public sealed class RpmPackageTests(TestContext test)
{
    private static readonly RpmRecipe Rich = new("rich-package", "2.1~rc1")
    {
        Preamble = """
            Epoch: 3
            Group: Applications/Text
            URL: https://example.org/rich
            Vendor: The Vendor
            Packager: A Tester <a@example.org>
            Provides: virtual(rich) = 2:1.5-3
            Requires: other >= 1.2
            Requires: (this or that)
            Requires(pre): needed-before
            Conflicts: enemy < 5
            Obsoletes: ancestor <= 1:0.9
            Recommends: friend
            Suggests: idea > 2
            Supplements: big-brother
            Enhances: helper = 1
            """,
        Install = """
            mkdir -p %{buildroot}/usr/share/rich/sub %{buildroot}/etc
            echo hello > %{buildroot}/usr/share/rich/hello.txt
            echo data > "%{buildroot}/usr/share/rich/sub/žluťoučký kůň"
            ln -s hello.txt %{buildroot}/usr/share/rich/link
            echo conf > %{buildroot}/etc/rich.conf
            """,
        Files = """
            %dir /usr/share/rich
            %attr(0640, root, daemon) /usr/share/rich/hello.txt
            /usr/share/rich/link
            /usr/share/rich/sub
            %config(noreplace) /etc/rich.conf
            %ghost /var/log/rich.log
            """,
        Rest = """
            %changelog
            * Thu Nov 20 2025 A Tester <a@example.org> - 3:2.1~rc1-1
            - Second.
            - With two lines.
            * Mon Nov 03 2025 Ünïcode <u@example.org> - 3:2.0-1
            - First.
            """,
    };

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000)]
    public async Task Every_value_is_the_one_that_rpm_reads()
    {
        var built = await RpmFactory.BuildAsync(Rich);
        foreach (var file in (string[])[built.Binary, built.Source])
        {
            var package = await RpmPackage.ReadAsync(file, Ct);

            Assert.AreEqual(await RpmJudge.QueryAsync(file, ScalarFormat), Scalars(package));
            Assert.AreEqual(
                await RpmJudge.QueryAsync(file, "[%{FILENAMES}|%{FILEMODES}|%{FILEFLAGS}|%{LONGFILESIZES}|%{FILEDIGESTS}|%{FILEUSERNAME}|%{FILEGROUPNAME}|%{FILELINKTOS}|%{FILEMTIMES}\n]"),
                string.Concat(package.Files.Select(one => $"{one.Path}|{one.Mode}|{one.Flags}|{one.Size}|{one.Digest}|{one.User}|{one.Group}|{one.LinkTarget}|{one.Modified}\n")));
            Assert.AreEqual(
                await RpmJudge.QueryAsync(file, "[%{CHANGELOGTIME}|%{CHANGELOGNAME}|%{CHANGELOGTEXT}\n]"),
                string.Concat(package.Changelog.Select(change => $"{change.Time}|{change.Author}|{change.Text}\n")));
            foreach (var kind in Enum.GetValues<RpmDependencyKind>())
            {
                var tag = kind.ToString()[..^1].ToUpperInvariant();
                Assert.AreEqual(
                    await RpmJudge.QueryAsync(file, $"[%{{{tag}NAME}}|%{{{tag}FLAGS}}|%{{{tag}VERSION}}\n]"),
                    string.Concat(package.Dependencies(kind).Select(one => $"{one.Name}|{one.Flags}|{one.Version}\n")),
                    kind.ToString());
            }
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Names_kinds_and_ranges_are_those_of_repository_metadata()
    {
        var built = await RpmFactory.BuildAsync(Rich);
        var binary = await RpmPackage.ReadAsync(built.Binary, Ct);
        var source = await RpmPackage.ReadAsync(built.Source, Ct);
        var bytes = await File.ReadAllBytesAsync(built.Binary, Ct);

        Assert.AreEqual("rich-package-3:2.1~rc1-1.noarch", binary.Nevra.ToString());
        Assert.AreEqual(Path.GetFileName(built.Binary), binary.Nevra.FileName);
        Assert.AreEqual((true, "src", null), (source.IsSource, source.Nevra.Arch, source.SourceRpm));
        Assert.AreEqual(Path.GetFileName(built.Source), binary.SourceRpm);
        Assert.AreEqual("GE", binary.Dependencies(RpmDependencyKind.Requires).Single(one => one.Name is "other").Comparison);
        Assert.IsNull(binary.Dependencies(RpmDependencyKind.Requires).Single(one => one.Name is "(this or that)").Comparison);
        Assert.IsTrue(binary.Files.Single(one => one.Name is "rich.log").IsGhost);
        Assert.IsTrue(binary.Files.Single(one => one.Name is "rich.conf").IsConfig);
        Assert.IsTrue(binary.Files.Single(one => one.Name is "link").IsSymbolicLink);

        // The signature header says what the main header's bytes hash to: the range is right.
        var range = bytes.AsSpan((int)binary.Header.Offset, (int)(binary.Header.End - binary.Header.Offset));
        Assert.AreEqual(binary.Signature.Text(RpmSignatureTag.Sha256Header), Convert.ToHexStringLower(SHA256.HashData(range)));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Text_that_is_not_utf8_is_taken_as_latin1()
    {
        var file = await MutatedAsync(bytes => Replace(bytes, "It is here"u8, [.. "It "u8, 0xE9, 0xFF, .. " here"u8]));

        Assert.StartsWith("It \u00E9\u00FF here", (await RpmPackage.ReadAsync(file, Ct)).Description, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("", "it is empty")]
    [DataRow("<!DOCTYPE html>\n<html><body>404", "a web page")]
    [DataRow("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "Git LFS pointer")]
    [DataRow("PK\u0003\u0004 something else entirely, longer than a lead, longer than a lead, longer than a lead, longer than a lead", "does not start like an RPM")]
    public async Task What_is_no_rpm_is_called_by_its_name(string content, string says)
    {
        using var scratch = new Scratch();
        var file = scratch.Write("x.rpm", content);

        await RefusedAsync(file, says);
    }

    [TestMethod]
    public async Task A_missing_file_and_a_folder_are_unreadable()
    {
        using var scratch = new Scratch();

        foreach (var path in (string[])[scratch["missing.rpm"], scratch.Root])
        {
            var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => RpmPackage.ReadAsync(path, Ct));
            Assert.AreEqual(Fault.FileUnreadable, thrown.Fault);
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    [DataRow(8, 0x00010000, "claims 65536 entries")]
    [DataRow(8, 0, "claims 0 entries")]
    [DataRow(8, 0x7FFFFFFF, "claims 2147483647 entries")]
    [DataRow(8, -1, "claims 4294967295 entries")]
    [DataRow(12, 0x0FFFFFFF, "claims 268435455 bytes of data")]
    [DataRow(12, -1, "claims 4294967295 bytes of data")]
    [DataRow(12, 0x03FFFFFF, "inside its headers")]
    [DataRow(0, 0, "magic of a header")]
    public async Task A_header_bomb_is_refused_before_anything_is_allocated(int at, int number, string says)
    {
        var file = await MutatedAsync((bytes, main) => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(main + at), number));
        var before = GC.GetAllocatedBytesForCurrentThread();

        await RefusedAsync(file, says);

        Assert.IsLessThan(8 * 1024 * 1024, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    [Timeout(60_000)]
    [DataRow(0, 64, "has no region 63")]
    [DataRow(8, 0x100, "does not span")]
    [DataRow(16, 5, "has tag 5")]
    [DataRow(16 + 4, 10, "type 10")]
    [DataRow(16 + 12, 0x7FFFFFFF, "not inside its data")]
    [DataRow(16 + 8, -8, "not inside its data")]
    [DataRow(48, 1000, "is there twice")]
    [DataRow(32 + 8, 0, "overlaps")]
    public async Task A_crooked_index_is_refused(int at, int number, string says) =>
        await RefusedAsync(await MutatedAsync((bytes, main) => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(main + 16 + at), number)), says);

    [TestMethod]
    [Timeout(60_000)]
    [DataRow("plainpack", "../../etc", "its name is not usable")]
    [DataRow("plainpack", "a b c d e", "its name is not usable")]
    [DataRow("plainpack", "-lainpack", "its name is not usable")]
    [DataRow("plainpack", "a\nb\tcdefg", "its name is not usable")]
    public async Task A_name_that_could_leave_its_folder_is_refused(string name, string evil, string says) =>
        await RefusedAsync(await MutatedAsync(bytes => Replace(bytes, System.Text.Encoding.ASCII.GetBytes(name + "\0"), System.Text.Encoding.ASCII.GetBytes(evil + "\0"))), says);

    [TestMethod]
    [Timeout(120_000)]
    public async Task Whatever_bytes_are_broken_only_our_own_exception_comes_out()
    {
        using var scratch = new Scratch();
        var original = await File.ReadAllBytesAsync((await RpmFactory.BuildAsync(Rich)).Binary, Ct);
        var random = new Random(4711);
        var file = scratch["fuzz.rpm"];
        var (refused, read) = (0, 0);
        for (var round = 0; round < 1500; round++)
        {
            var bytes = original.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                bytes[random.Next(96, bytes.Length)] = (byte)random.Next(256);
            }

            await File.WriteAllBytesAsync(file, bytes.AsMemory(0, random.Next(8) is 0 ? random.Next(bytes.Length) : bytes.Length), Ct);
            try
            {
                var package = await RpmPackage.ReadAsync(file, Ct);
                _ = Scalars(package) + package.Files.Length + package.Changelog.Length + Enum.GetValues<RpmDependencyKind>().Sum(kind => package.Dependencies(kind).Length);
                _ = await RpmFile.ReadAsync(file, Ct);
                read++;
            }
            catch (ReleaseException)
            {
                refused++;
            }
        }

        Assert.IsGreaterThan(1000, refused);
        Assert.IsGreaterThan(0, read, "The reserved space holds nothing, so a change there is harmless.");
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Padding_that_is_not_zero_is_refused()
    {
        var file = await MutatedAsync((bytes, main) => bytes[main - 1] = 1);

        // Only when there is padding at all.
        var package = await RpmPackage.ReadAsync((await RpmFactory.BuildAsync(new("plainpack"))).Binary, Ct);
        Assert.AreNotEqual(0, RpmReader.PaddingAfter(package.Signature));
        await RefusedAsync(file, "padding");
    }

    private const string ScalarFormat =
        "%{NAME}|%|EPOCH?{%{EPOCH}}:{0}||%{VERSION}|%{RELEASE}|%{SUMMARY}|%{DESCRIPTION}|%{LICENSE}|%{GROUP}|%{URL}|%{VENDOR}|%{PACKAGER}|%|SOURCERPM?{%{SOURCERPM}}:{}||%{BUILDHOST}|%{BUILDTIME}|%{LONGSIZE}|%{LONGARCHIVESIZE}|%{PAYLOADCOMPRESSOR}|[%{PAYLOADDIGEST}]|%{FILEDIGESTALGO}|%{SHA256HEADER}";

    private static string Scalars(RpmPackage package) => string.Join('|',
        package.Nevra.Name, package.Nevra.Epoch, package.Nevra.Version, package.Nevra.Release, package.Summary, package.Description, package.License,
        package.Group, package.Url, package.Vendor, package.Packager, package.SourceRpm, package.BuildHost,
        package.BuildTime?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), package.InstalledSize, package.ArchiveSize, package.PayloadCompressor, package.PayloadDigest,
        package.FileDigestAlgorithm, Convert.ToHexStringLower(SHA256.HashData(package.Header.Bytes.Span)));

    private static Task<string> MutatedAsync(Action<byte[]> change) => MutatedAsync((bytes, _) => change(bytes));

    /// <param name="change">Gets the file and the offset of its main header.</param>
    private static async Task<string> MutatedAsync(Action<byte[], int> change)
    {
        var built = await RpmFactory.BuildAsync(new("plainpack"));
        var bytes = await File.ReadAllBytesAsync(built.Binary);
        change(bytes, (int)(await RpmPackage.ReadAsync(built.Binary, CancellationToken.None)).Header.Offset);
        var file = Path.Combine(Path.GetDirectoryName(built.Binary)!, $"{Guid.NewGuid():n}.rpm");
        await File.WriteAllBytesAsync(file, bytes);
        return file;
    }

    private static void Replace(byte[] bytes, ReadOnlySpan<byte> old, ReadOnlySpan<byte> now)
    {
        Assert.AreEqual(old.Length, now.Length);
        now.CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf(old)));
    }

    private async Task RefusedAsync(string file, string says)
    {
        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => RpmPackage.ReadAsync(file, Ct));
        Assert.AreEqual(Fault.RpmMalformed, thrown.Fault);
        Assert.Contains(says, thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", thrown.Message, StringComparison.Ordinal);
    }
}
