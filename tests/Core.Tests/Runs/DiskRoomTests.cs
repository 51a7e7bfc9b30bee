using System.Collections.Immutable;
using DotnetRelease.Core.Tests.Planning;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class DiskRoomTests
{
    private const long Mebibyte = 1 << 20;

    private static readonly Places Places = new("/home/u/cache", "/data");

    [TestMethod]
    public void Sources_are_downloaded_once_unpacked_by_each_build_at_once_and_packed_for_every_target()
    {
        var needs = DiskRoom.Of(PlanOf(100 * Mebibyte, TargetState.Build, TargetState.Build, TargetState.UpToDate, TargetState.Build), 2, Places, "/home/u/project");

        Assert.AreEqual(
            "100 MiB downloads in /home/u/cache, 1712 MiB build roots in /data, 600 MiB packages in /home/u/project",
            string.Join(", ", needs.Select(need => $"{need.Bytes / Mebibyte} MiB {need.What} in {need.Folder}")));
    }

    [TestMethod]
    public void Who_builds_nothing_needs_nothing() => Assert.IsEmpty(DiskRoom.Of(PlanOf(100 * Mebibyte, TargetState.UpToDate), 2, Places, "/p"));

    [TestMethod]
    public void A_release_writes_although_everything_is_built() => Assert.AreEqual(
        "256 MiB the release in /p",
        string.Join(", ", DiskRoom.OfShip(PlanOf(100 * Mebibyte, TargetState.UpToDate), 2, Places, "/p").Select(need => $"{need.Bytes / Mebibyte} MiB {need.What} in {need.Folder}")));

    [TestMethod]
    public void What_lies_on_one_disk_is_added_up_and_named()
    {
        ImmutableArray<DiskNeed> needs = [new("/home/u/cache", 100 * Mebibyte, "downloads"), new("/data", 900 * Mebibyte, "build roots"), new("/home/u/project", 200 * Mebibyte, "packages")];
        Disk home = new("/home", 299 * Mebibyte), data = new("/data", 1000 * Mebibyte);

        var failure = Assert.ThrowsExactly<ReleaseException>(() => DiskRoom.Demand(needs, folder => folder.StartsWith("/home", StringComparison.Ordinal) ? home : data));

        Assert.AreEqual(Fault.DiskTooSmall, failure.Fault);
        Assert.AreEqual(
            "The disk at '/home' has 299 MiB left, and this run needs at least 300 MiB there: 100 MiB for downloads in '/home/u/cache', 200 MiB for packages in '/home/u/project'.",
            failure.Message);
        DiskRoom.Demand(needs, folder => folder.StartsWith("/home", StringComparison.Ordinal) ? home with { Free = 300 * Mebibyte } : data);
    }

    [TestMethod]
    public void A_disk_that_does_not_tell_is_trusted() => DiskRoom.Demand([new("/x", long.MaxValue, "packages")], _ => null);

    [TestMethod]
    public void A_folder_that_is_not_there_yet_is_on_the_disk_of_those_above_it() =>
        Assert.AreEqual(DiskRoom.Find(Path.GetTempPath())!.Mount, DiskRoom.Find(Path.Combine(Path.GetTempPath(), "not", "there"))!.Mount);

    [TestMethod]
    public void A_link_is_on_the_disk_that_it_leads_to()
    {
        using var scratch = new Scratch();
        Directory.CreateSymbolicLink(scratch["link"], "/proc");

        Assert.AreEqual("/proc", DiskRoom.Find(scratch["link"])!.Mount);
        Assert.AreNotEqual("/proc", DiskRoom.Find(scratch.Root)!.Mount);
    }

    private static ReleasePlan PlanOf(long bytes, params TargetState[] states)
    {
        var plan = new PlanWorld().Plan();
        var (rpm, target) = (plan.Rpms[0], plan.Rpms[0].Targets[0]);
        return plan with { Rpms = [rpm with { Sources = [rpm.Sources[0] with { Size = bytes }], Targets = [.. states.Select(state => target with { State = state })] }] };
    }
}
