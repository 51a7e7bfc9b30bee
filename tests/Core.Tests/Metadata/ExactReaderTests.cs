using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Metadata;

namespace DotnetRelease.Core.Tests.Metadata;

/// <summary>The quick reader says what the careful one says, or nothing.</summary>
[TestClass]
public sealed class ExactReaderTests
{
    [TestMethod]
    public void Quick_and_careful_reading_agree_and_what_did_not_change_is_served_again_byte_for_byte()
    {
        using var scratch = new Scratch();
        var (packages, more) = (Packages(scratch, 0, 300), Packages(scratch, 300, 1));
        var served = Open(RepositorySnapshot.Of(packages, previous: null));

        var quick = ExactReader.TryRead(served.Primary, served.Filelists, served.Other)!.Value;

        AssertSame(served.ReadXml(), quick);
        var again = RepositorySnapshot.Of([.. quick, .. more], previous: null);
        var fresh = RepositorySnapshot.Of([.. packages, .. more], previous: null);
        CollectionAssert.AreEqual(fresh.Repomd.ToXml(), again.Repomd.ToXml());
        Assert.IsGreaterThan(2, quick.Select(package => package.Group).Distinct().Count());
    }

    [TestMethod]
    public void A_group_that_lost_a_package_is_made_anew()
    {
        using var scratch = new Scratch();
        var packages = Packages(scratch, 0, 200);
        var served = Open(RepositorySnapshot.Of(packages, previous: null)).Read();

        var without = RepositorySnapshot.Of(served.RemoveAt(77), previous: null);

        CollectionAssert.AreEqual(RepositorySnapshot.Of(packages.RemoveAt(77), previous: null).Repomd.ToXml(), without.Repomd.ToXml());
    }

    [TestMethod]
    public void Metadata_without_packages_is_read()
    {
        var served = Open(RepositorySnapshot.Of([], previous: null));

        Assert.IsEmpty(ExactReader.TryRead(served.Primary, served.Filelists, served.Other)!.Value);
    }

    [TestMethod]
    [DataRow("primary", "</arch>\n", "</arch>\n\n")]
    [DataRow("primary", "type=\"sha256\"", "type=\"sha512\"")]
    [DataRow("primary", "href=\"", "href=\"../")]
    [DataRow("primary", "<location href", "<location xml:base=\"http://evil.example/\" href")]
    [DataRow("primary", "  <format>", "  <package type=\"rpm\">\n</package>\n  <format>")]
    [DataRow("primary", "  <format>", "  <!-- --><format>")]
    [DataRow("primary", "Nobody", "Nobody\u0001")]
    [DataRow("primary", "<name>", "<name>&amp;")]
    [DataRow("filelists", "pkgid=\"", "pkgid=\"0")]
    [DataRow("other", "pkgid=\"", "name=\"x\" pkgid=\"")]
    [DataRow("other", "</package>\n", "</package>\n<package pkgid=\"x\"></package>\n")]
    public void Whatever_has_another_form_is_left_to_the_careful_reader(string part, string old, string replacement)
    {
        using var scratch = new Scratch();
        var snapshot = RepositorySnapshot.Of(Packages(scratch, 0, 5), previous: null);

        var changed = Open(snapshot, (type, plain) => type == part ? ReplaceFirst(plain, old, replacement) : plain);

        Assert.IsNull(ExactReader.TryRead(changed.Primary, changed.Filelists, changed.Other));
    }

    [TestMethod]
    public void Another_count_another_order_and_other_lengths_are_not_ours()
    {
        using var scratch = new Scratch();
        var packages = Packages(scratch, 0, 5);
        var ours = Open(RepositorySnapshot.Of(packages, previous: null));
        var fewer = Open(RepositorySnapshot.Of(packages[..4], previous: null));
        var count = Open(RepositorySnapshot.Of(packages, previous: null), (_, plain) => ReplaceFirst(plain, "packages=\"5\"", "packages=\"6\""));

        Assert.IsNull(ExactReader.TryRead(ours.Primary, fewer.Filelists, ours.Other));
        Assert.IsNull(ExactReader.TryRead(count.Primary, count.Filelists, count.Other));
    }

    [TestMethod]
    public void A_member_that_promises_other_lengths_is_read_as_one_stream()
    {
        using var scratch = new Scratch();
        var primary = RepositorySnapshot.Of(Packages(scratch, 0, 5), previous: null).Files[0];
        byte[] packed = [.. primary.Members.SelectMany(member => member)];
        var lying = packed.ToArray();
        lying[primary.Members[0].Length - 4]++;

        Assert.IsNotNull(GzipMembers.TryOpen(packed, primary.Open.Size));
        Assert.IsNull(GzipMembers.TryOpen(packed, primary.Open.Size - 1));
        Assert.IsNull(GzipMembers.TryOpen(lying, long.MaxValue));
        Assert.IsNull(GzipMembers.TryOpen(packed[..^1], long.MaxValue));
        Assert.IsNull(GzipMembers.TryOpen([.. GzipMembers.Header, 0, 0, 0, 0, 0, 0, 255, 255, 255, 127], long.MaxValue), "two gigabytes out of twenty bytes");
        Assert.IsTrue(GzipMembers.Find([]).IsEmpty);
    }

    private static ImmutableArray<IndexedPackage> Packages(Scratch scratch, int first, int count)
    {
        var folder = scratch.Folder($"rpms-{first}");
        string[] paths = [.. Enumerable.Range(first, count).Select(number => new WrittenRpm($"p{number:0000}")
        {
            Files = [($"/usr/bin/p{number}", 0x81ED, 0)],
            Changes = [(1763553600, "A Tester - 1.0-1", "- First")],
        }.WriteTo(folder))];
        return PackageReader.ReadAll(paths, path => Path.GetFileName(path), CancellationToken.None);
    }

    /// <summary>Reads a snapshot as it would be served; a change keeps the members and their borders.</summary>
    private static OpenedMetadata Open(RepositorySnapshot snapshot, Func<string, string, string>? change = null)
    {
        var files = snapshot.Files.ToDictionary(file => file.Type, file => GzipMembers.TryOpen(
            change is null ? [.. file.Members.SelectMany(member => member)] : [.. file.Members.SelectMany(member => Pack(change(file.Type, Unpack(member))))], long.MaxValue)!);
        return new OpenedMetadata("test", files["primary"], files["filelists"], files["other"]);
    }

    private static string Unpack(byte[] member)
    {
        using var reader = new StreamReader(new GZipStream(new MemoryStream(member), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }

    private static byte[] Pack(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        var bytes = packed.ToArray();
        GzipMembers.Header.CopyTo(bytes);
        return bytes;
    }

    private static string ReplaceFirst(string text, string old, string replacement) =>
        text.IndexOf(old, StringComparison.Ordinal) is var at and >= 0 ? string.Concat(text.AsSpan(0, at), replacement, text.AsSpan(at + old.Length)) : text;

    private static void AssertSame(ImmutableArray<IndexedPackage> expected, ImmutableArray<IndexedPackage> actual)
    {
        Assert.AreEqual(expected.Length, actual.Length);
        foreach (var (one, other) in expected.Zip(actual))
        {
            Assert.AreEqual((one.Nevra, one.File, one.BuildTime), (other.Nevra, other.File, other.BuildTime));
            Assert.IsTrue(one.Primary.Span.SequenceEqual(other.Primary.Span) && one.Filelists.Span.SequenceEqual(other.Filelists.Span) && one.Other.Span.SequenceEqual(other.Other.Span));
        }
    }
}
