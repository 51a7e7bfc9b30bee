using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Metadata;
using DotnetRelease.Storage;
using FsCheck;
using FsCheck.Fluent;

namespace DotnetRelease.Core.Tests.Metadata;

/// <summary>Whatever bytes come, only our own exception leaves a reader, and none of them says what is not there.</summary>
[TestClass]
public sealed class HostileMetadataTests
{
    private static readonly byte[] Primary = Encoding.UTF8.GetBytes($"""
        <?xml version="1.0" encoding="UTF-8"?>
        <metadata xmlns="{MetadataPart.CommonNamespace}" xmlns:rpm="{MetadataPart.RpmNamespace}" packages="1">
        <package type="rpm">
          <name>x</name>
          <arch>noarch</arch>
          <version epoch="0" ver="1" rel="1"/>
          <checksum type="sha256" pkgid="YES">e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</checksum>
          <time file="5" build="6"/>
          <size package="7" installed="8" archive="9"/>
          <location href="x-1-1.noarch.rpm"/>
          <format/>
        </package>
        </metadata>

        """);

    private static readonly byte[] Repomd = new Repomd(7, [new RepomdEntry("primary", new RepositoryFile("repodata/primary.xml.gz", 5, Digest.Of("x")), 7) { Open = new OpenPart(Digest.Of("y"), 9) }]).ToXml();

    [TestMethod]
    public void A_damaged_primary_is_read_or_refused() => Check(Primary, bytes =>
    {
        foreach (var fragment in FragmentReader.Read(MetadataPart.Primary, bytes, "primary"))
        {
            Assert.IsTrue(bytes.AsSpan().IndexOf(fragment.Bytes.Span) >= 0);
        }
    });

    [TestMethod]
    public void A_damaged_repomd_is_read_or_refused() => Check(Repomd, bytes =>
    {
        var read = RepomdReader.Read(bytes, "repomd");
        Assert.IsTrue(read.Entries.All(entry => RepositoryPath.IsSafe(entry.File.Location) && entry.File.Size >= 0));
    });

    [TestMethod]
    public void A_damaged_file_of_members_is_read_as_it_was_or_not_at_all()
    {
        using var scratch = new Scratch();
        string[] paths = [.. Enumerable.Range(0, 130).Select(number => new WrittenRpm($"p{number:000}").WriteTo(scratch.Root))];
        var packed = RepositorySnapshot.Of(PackageReader.ReadAll(paths, path => Path.GetFileName(path), CancellationToken.None), previous: null).Files[0];
        byte[] whole = [.. packed.Members.SelectMany(member => member)];
        var plain = GzipMembers.TryOpen(whole, long.MaxValue)!.Plain;

        Check(whole, bytes =>
        {
            // Check sums of the members find what a flipped bit does; only the ends of the file may still be cut at a member.
            if (GzipMembers.TryOpen(bytes, packed.Open.Size) is { } opened && bytes.Length == whole.Length && !bytes.AsSpan().SequenceEqual(whole))
            {
                Assert.IsTrue(opened.Plain.AsSpan().SequenceEqual(plain));
            }
        });
    }

    [TestMethod]
    public void A_damaged_zstd_file_is_read_or_refused()
    {
        var packed = Zstd.Compress(Primary);

        Check(packed, bytes =>
        {
            try
            {
                _ = Zstd.Decompress(bytes, Primary.Length);
            }
            catch (InvalidDataException)
            {
            }
        });
    }

    [TestMethod]
    [DataRow("<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;\">]>")]
    [DataRow("<!DOCTYPE metadata SYSTEM \"http://127.0.0.1:9/evil.dtd\">")]
    [DataRow("<!DOCTYPE metadata [<!ENTITY % p SYSTEM \"file:///etc/passwd\">%p;]>")]
    public void Entities_and_external_documents_are_refused(string doctype)
    {
        var bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Primary).Replace("<metadata", doctype + "<metadata", StringComparison.Ordinal));
        var repomd = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Repomd).Replace("<repomd", doctype + "<repomd", StringComparison.Ordinal));

        Assert.AreEqual(Fault.RepositoryMalformed, Assert.ThrowsExactly<ReleaseException>(() => FragmentReader.Read(MetadataPart.Primary, bytes, "primary")).Fault);
        Assert.AreEqual(Fault.RepositoryMalformed, Assert.ThrowsExactly<ReleaseException>(() => RepomdReader.Read(repomd, "repomd")).Fault);
    }

    /// <summary>Bytes flipped, cut, doubled and inserted.</summary>
    private static void Check(byte[] good, Action<byte[]> read)
    {
        var change = from kind in Gen.Choose(0, 4)
                     from at in Gen.Choose(0, good.Length - 1)
                     from length in Gen.Choose(1, 40)
                     from value in Gen.Choose(0, 255)
                     select Change(good, kind, at, (length, (byte)value));
        Prop.ForAll(change.ToArbitrary(), bytes =>
        {
            try
            {
                read(bytes);
            }
            catch (ReleaseException)
            {
            }
        }).QuickCheckThrowOnFailure();
    }

    private static byte[] Change(byte[] good, int kind, int at, (int Length, byte Value) how)
    {
        var end = Math.Min(good.Length, at + how.Length);
        return kind switch
        {
            0 => [.. good[..at], how.Value, .. good[(at + 1)..]],
            1 => good[..at],
            2 => [.. good[..at], .. good[end..]],
            3 => [.. good[..end], .. good[at..]],
            _ => [.. good[..at], .. Enumerable.Repeat(how.Value, how.Length), .. good[at..]],
        };
    }
}
