using System.Text;
using DotnetRelease.Metadata;

namespace DotnetRelease.Core.Tests.Metadata;

[TestClass]
public sealed class ChunkedGzipTests
{
    [TestMethod]
    public void One_more_package_changes_the_head_and_one_group()
    {
        var packages = Enumerable.Range(0, 1000).Select(Package).ToList();

        var before = ChunkedGzip.Pack(MetadataPart.Primary, [.. packages.Where((_, at) => at is not 500)]);
        var after = ChunkedGzip.Pack(MetadataPart.Primary, [.. packages]);

        var known = before.Members.Select(Convert.ToBase64String).ToHashSet(StringComparer.Ordinal);
        var changed = after.Members.Count(member => !known.Contains(Convert.ToBase64String(member)));
        Assert.IsGreaterThan(5, after.Members.Length);
        Assert.IsLessThanOrEqualTo(3, changed, "head, and the group of the new package, which its digest may have split");
    }

    [TestMethod]
    public void Groups_have_every_package_once_and_none_grows_without_bound()
    {
        // Digests that never end a group by themselves.
        var packages = Enumerable.Range(0, 100_000).Select(Package).Where(package => !package.File.Digest.Hex.StartsWith("00", StringComparison.Ordinal)
            && Convert.ToInt32(package.File.Digest.Hex[..2], 16) % 64 is not 0).Take(1500).ToList();

        var groups = ChunkedGzip.Groups([.. packages]).ToList();

        CollectionAssert.AreEqual(packages, groups.SelectMany(group => group).ToList());
        CollectionAssert.AreEqual(new[] { 512, 512, 476 }, groups.Select(group => group.Length).ToArray());
    }

    [TestMethod]
    public void The_header_says_nothing_that_differs_between_machines()
    {
        var packed = ChunkedGzip.Pack(MetadataPart.Other, []);

        Assert.HasCount(2, packed.Members);
        foreach (var member in packed.Members)
        {
            CollectionAssert.AreEqual(new byte[] { 0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255 }, member[..10]);
        }

        Assert.AreEqual($"{packed.Digest.Hex}-other.xml.gz", packed.FileName);
    }

    private static IndexedPackage Package(int number)
    {
        var text = Encoding.UTF8.GetBytes($"<package type=\"rpm\">{number}</package>\n");
        return new IndexedPackage(new Nevra("p", 0, $"{number}", "1", "noarch"), new RepositoryFile($"p-{number:00000}.rpm", 1, Digest.Of(text)), 0)
        {
            Primary = text,
            Filelists = text,
            Other = text,
        };
    }
}
