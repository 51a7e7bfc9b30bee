using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>What is there was written by somebody, and that somebody may be an attacker.</summary>
[TestClass]
public sealed class PublishedMetadataTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task What_somebody_else_wrote_is_read_and_kept_to_the_byte()
    {
        using var repository = new ForgedRepository();

        var package = (await repository.ReadAsync(Ct))!.Packages.Single();

        Assert.AreEqual(new Nevra("x", 1, "2", "3", "noarch"), package.Nevra);
        Assert.AreEqual(new RepositoryFile("sub/x-2-3.noarch.rpm", 7, Digest.Of([])), package.File);
        Assert.AreEqual(6, package.BuildTime);
        Assert.Contains(Encoding.UTF8.GetString(package.Primary.Span), repository.Primary, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_folder_without_repomd_is_no_repository()
    {
        using var repository = new ForgedRepository();

        Assert.IsNull(await PublishedMetadata.ReadAsync(new FolderStore(repository.Root), Ct));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("../../etc/passwd")]
    [DataRow("/etc/passwd")]
    [DataRow("sub/../../x.rpm")]
    [DataRow("https://evil.example/x.rpm")]
    [DataRow("file:///etc/passwd")]
    [DataRow("//evil.example/x.rpm")]
    [DataRow("%2e%2e/x.rpm")]
    [DataRow("sub\\x.rpm")]
    [DataRow("x.rpm?y")]
    [DataRow("x.rpm#y")]
    [DataRow("-rf")]
    [DataRow(".hidden.rpm")]
    [DataRow("x&#10;y.rpm")]
    [DataRow("")]
    public async Task A_location_that_could_leave_the_repository_is_refused(string href)
    {
        using var repository = new ForgedRepository();
        repository.Primary = repository.Primary.Replace("sub/x-2-3.noarch.rpm", href, StringComparison.Ordinal);

        await AssertMalformedAsync(repository);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("../primary.xml.gz")]
    [DataRow("primary.xml.gz")]
    [DataRow("repodata/../../primary.xml.gz")]
    [DataRow("/tmp/primary.xml.gz")]
    [DataRow("http://evil.example/primary.xml.gz")]
    public async Task Metadata_outside_repodata_is_refused(string href)
    {
        using var repository = new ForgedRepository { Repomd = xml => xml.Replace("repodata/primary.xml.gz", href, StringComparison.Ordinal) };

        await AssertMalformedAsync(repository);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("<!DOCTYPE repomd SYSTEM \"http://127.0.0.1:9/x.dtd\">")]
    [DataRow("<!DOCTYPE repomd [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>")]
    public async Task Document_types_are_refused_everywhere(string doctype)
    {
        using var inRepomd = new ForgedRepository { Repomd = xml => xml.Replace("<repomd", doctype + "<repomd", StringComparison.Ordinal) };
        using var inPrimary = new ForgedRepository();
        inPrimary.Primary = inPrimary.Primary.Replace("<metadata", doctype.Replace("repomd", "metadata", StringComparison.Ordinal) + "<metadata", StringComparison.Ordinal);

        await AssertMalformedAsync(inRepomd);
        await AssertMalformedAsync(inPrimary);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_comment_or_a_CDATA_section_cannot_move_the_cuts()
    {
        foreach (var trick in new[] { "<!-- </package>\n<package type=\"rpm\"> -->", "<![CDATA[</package>\n]]>" })
        {
            using var repository = new ForgedRepository();
            repository.Primary = repository.Primary.Replace("<format/>", $"<format>{trick}</format>", StringComparison.Ordinal);
            await AssertMalformedAsync(repository);
        }
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("<format/>", "<format><package type=\"rpm\">\n</package>\n</format>")]
    [DataRow("<format/>", "<package type=\"rpm\">\n</package>\n")]
    public async Task A_package_inside_a_package_is_refused(string old, string replacement)
    {
        using var repository = new ForgedRepository();
        repository.Primary = repository.Primary.Replace(old, replacement, StringComparison.Ordinal);

        Assert.Contains("inside another", (await AssertMalformedAsync(repository)).Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("type=\"sha256\"", "type=\"sha\"")]
    [DataRow("<name>x</name>", "")]
    [DataRow("<location href=\"sub/x-2-3.noarch.rpm\"/>", "")]
    [DataRow("<location href", "<location xml:base=\"https://evil.example/\" href")]
    [DataRow("xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\"", "xmlns:rpm=\"urn:other\"")]
    [DataRow("<metadata ", "<rpm:metadata ")]
    [DataRow("</metadata>", "")]
    [DataRow("<format/>", "<format>\u0001</format>")]
    [DataRow("e3b0c4", "E3B0C4")]
    public async Task Broken_primary_metadata_is_refused(string old, string replacement)
    {
        using var repository = new ForgedRepository();
        Assert.Contains(old, repository.Primary, StringComparison.Ordinal);
        repository.Primary = repository.Primary.Replace(old, replacement, StringComparison.Ordinal);

        await AssertMalformedAsync(repository);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("type=\"sha256\"", "type=\"md5\"")]
    [DataRow("<size>", "<size>-")]
    [DataRow("type=\"filelists\"", "type=\"primary\"")]
    [DataRow("type=\"other\"", "type=\"else\"")]
    [DataRow("<repomd", "<html")]
    [DataRow("</repomd>", "")]
    public async Task A_broken_repomd_is_refused(string old, string replacement)
    {
        using var repository = new ForgedRepository { Repomd = xml => xml.Replace(old, replacement, StringComparison.Ordinal) };

        await AssertMalformedAsync(repository);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_repomd_of_two_megabytes_is_refused_unread()
    {
        using var repository = new ForgedRepository { Repomd = xml => xml + new string(' ', 2 * 1024 * 1024) };

        await AssertMalformedAsync(repository);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Packages_missing_from_another_part_are_refused()
    {
        using var missing = new ForgedRepository { Filelists = "<filelists xmlns=\"http://linux.duke.edu/metadata/filelists\" packages=\"0\">\n</filelists>" };
        using var extra = new ForgedRepository();
        extra.Primary = ForgedRepository.PrimaryOf("");

        await AssertMalformedAsync(missing);
        await AssertMalformedAsync(extra);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_bomb_stops_at_the_promised_size()
    {
        var bomb = Bomb();
        using var repository = new ForgedRepository { Packed = _ => bomb };
        var before = GC.GetTotalAllocatedBytes();
        var watch = Stopwatch.StartNew();

        await AssertMalformedAsync(repository);

        Assert.IsLessThan(100L * 1024 * 1024, GC.GetTotalAllocatedBytes() - before);
        Assert.IsLessThan(TimeSpan.FromSeconds(10), watch.Elapsed);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_truncated_or_foreign_compression_is_refused()
    {
        // GZipStream takes the truncated one without a word; the digest of what came out does not.
        using var truncated = new ForgedRepository { Packed = bytes => bytes[..^20] };
        using var foreign = new ForgedRepository { Packed = _ => [0x28, 0xB5, 0x2F, 0xFD, 0, 0, 0, 0] };
        using var xz = new ForgedRepository { Repomd = xml => xml.Replace("primary.xml.gz", "primary.xml.xz", StringComparison.Ordinal) };

        var cut = await Assert.ThrowsExactlyAsync<ReleaseException>(() => truncated.ReadAsync(Ct));
        Assert.AreEqual(Fault.RepositoryUnverified, cut.Fault);
        await AssertMalformedAsync(foreign);
        Assert.Contains("only gzip and zstd can be read", (await AssertMalformedAsync(xz)).Message, StringComparison.Ordinal);
    }

    private async Task<ReleaseException> AssertMalformedAsync(ForgedRepository repository)
    {
        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => repository.ReadAsync(Ct));
        Assert.AreEqual(Fault.RepositoryMalformed, thrown.Fault, thrown.Message);
        Assert.AreEqual(ExitCode.Usage, thrown.Fault.Exit);
        return thrown;
    }

    private static byte[] Bomb()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var block = 0; block < 300; block++)
            {
                gzip.Write(new byte[1024 * 1024]);
            }
        }

        return packed.ToArray();
    }
}
