using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Sources;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class BuildFolderTests
{
    private static readonly DateTime Downloaded = new(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [TestMethod]
    public void A_build_sees_the_proven_file_itself_and_the_second_one_a_copy_of_another_time()
    {
        using var scratch = new Scratch();
        var path = scratch.Write("cache/content", "source");
        File.SetLastWriteTimeUtc(path, Downloaded);
        var job = TestJob.Of("probe") with
        {
            Sources = [new VerifiedSource("a.txt", new CachedFile(path, Digest.Of("source"), 6), VerifiedSource.Cache)],
            SpecPath = scratch.Write("probe.spec", "Name: probe"),
            WorkFolder = scratch["work"],
        };

        var first = Path.Combine(BuildFolder.Fill(job).Sources, "a.txt");
        var (time, name) = (File.GetLastWriteTimeUtc(first), FileIdentity.Of(first));
        var again = Path.Combine(BuildFolder.Fill(job with { Surroundings = BuildSurroundings.Other, WorkFolder = scratch["again"] }).Sources, "a.txt");

        Assert.AreEqual(Downloaded, time);
        Assert.AreEqual(FileIdentity.Of(path), name);
        Assert.AreEqual(job.Epoch.AddDays(1).UtcDateTime, File.GetLastWriteTimeUtc(again));
        Assert.AreEqual("source", File.ReadAllText(again));
    }
}
