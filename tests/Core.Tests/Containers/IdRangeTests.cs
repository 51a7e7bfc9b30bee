using DotnetRelease.Containers;

namespace DotnetRelease.Core.Tests.Containers;

[TestClass]
public sealed class IdRangeTests
{
    [TestMethod]
    [DataRow("alice:100000:65536", 100_000u, 65_536u, DisplayName = "by name")]
    [DataRow("1000:200000:65536", 200_000u, 65_536u, DisplayName = "by number")]
    [DataRow("bob:100000:65536\nalice:300000:1000\nalice:400000:131072", 400_000u, 131_072u, DisplayName = "the first that is large enough")]
    public void The_users_range_is_found(string file, uint start, uint count) =>
        Assert.AreEqual(new IdRange(start, count), IdRange.Find(file.Split('\n'), "alice", 1000));

    [TestMethod]
    [DataRow("")]
    [DataRow("bob:100000:65536")]
    [DataRow("alice:100000:1000")]
    [DataRow("alice:100000")]
    [DataRow("alice:x:65536")]
    [DataRow("alice:0:65536", DisplayName = "the machine's own ids are not for containers")]
    [DataRow("alice:4294967000:65536", DisplayName = "past the end of all ids")]
    [DataRow("#alice:100000:65536")]
    public void Anything_else_is_no_range(string file) => Assert.IsNull(IdRange.Find(file.Split('\n'), "alice", 1000));

    [TestMethod]
    public void An_ordinary_user_is_container_root_and_the_range_is_everybody_else()
    {
        var map = new IdMap(new IdRange(100_000, 65_536), new IdRange(200_000, 65_536), (1000, 1001));

        CollectionAssert.AreEqual(new[] { "0 1000 1", "1 100000 65535" }, map.UserLines().ToArray());
        CollectionAssert.AreEqual(new[] { "0 1001 1", "1 200000 65535" }, map.GroupLines().ToArray());
        Assert.AreEqual(65_536, map.Count);
    }

    [TestMethod]
    public void Root_is_nobody_inside()
    {
        var map = new IdMap(new IdRange(100_000, 65_536), new IdRange(100_000, 65_536), null);

        CollectionAssert.AreEqual(new[] { "0 100000 65536" }, map.UserLines().ToArray());
        Assert.AreEqual(65_536, map.Count);
    }

    [TestMethod]
    public void Stores_of_different_maps_are_different_folders() =>
        Assert.AreNotEqual(
            new IdMap(new IdRange(100_000, 65_536), new IdRange(100_000, 65_536), null).StoreName,
            new IdMap(new IdRange(165_536, 65_536), new IdRange(165_536, 65_536), (1000, 1000)).StoreName);
}
