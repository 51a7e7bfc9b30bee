using DotnetRelease.Containers;
using DotnetRelease.Containers.Wire;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Containers;

/// <summary>A folder with the files that the kernel shows in a tree of control groups.</summary>
[TestClass]
public sealed class ControlGroupTests
{
    private static readonly Limits All = new() { Memory = 64 << 20, Processes = 100, Processors = 1.5m, Time = TimeSpan.FromHours(1) };

    [TestMethod]
    public void A_group_beside_our_own_holds_all_processes_together()
    {
        using var tree = new Scratch();
        MakeGroup(tree, "user/app", "cpu memory pids");
        MakeGroup(tree, "user/app/ours", "");

        using var group = ControlGroup.TryMake(All, tree.Root, "/user/app/ours");
        using var held = HeldLimits.With(All, group);

        var folder = Directory.GetDirectories(tree["user/app"], "dotnet-release-*").Single();
        Assert.AreEqual("67108864 100 150000 100000", string.Join(' ', Read(folder, "memory.max"), Read(folder, "pids.max"), Read(folder, "cpu.max")));
        Assert.AreEqual("limits: 64 MiB of memory in all (cgroup), 100 processes in all (cgroup), 1.5 processors (cgroup), 1 hour", held.ToString());
        Assert.AreEqual(new LimitRequest(0, 0, 0, Group: true), held.Request);
    }

    [TestMethod]
    public void What_is_not_handed_down_is_held_by_process_and_user()
    {
        using var tree = new Scratch();
        MakeGroup(tree, "user/app", "pids");
        MakeGroup(tree, "user/app/ours", "");
        using var group = ControlGroup.TryMake(All with { Memory = null, Processors = null }, tree.Root, "/user/app/ours");
        using var held = HeldLimits.With(All, group);

        Assert.AreEqual("limits: 64 MiB of memory for each process (rlimit), 100 processes in all (cgroup), 2 processors (affinity, which a program may leave), 1 hour", held.ToString());
        Assert.AreEqual(new LimitRequest(64 << 20, 0, 2, Group: true), held.Request);
    }

    [TestMethod]
    public void Where_there_is_no_group_to_be_had_everything_is_held_by_process_and_user()
    {
        using var tree = new Scratch();
        Directory.CreateDirectory(tree["user/app/ours"]);

        Assert.IsNull(ControlGroup.TryMake(All, tree.Root, "/user/app/ours"));
        using var held = HeldLimits.With(All, null);

        Assert.AreEqual("limits: 64 MiB of memory for each process (rlimit), 100 processes of each user inside (rlimit), 2 processors (affinity, which a program may leave), 1 hour", held.ToString());
        Assert.AreEqual(new LimitRequest(64 << 20, 100, 2, Group: false), held.Request);
        Assert.AreEqual("", HeldLimits.With(Limits.None, null).ToString());
        Assert.AreEqual(LimitRequest.None, HeldLimits.With(Limits.None, null).Request);
    }

    [TestMethod]
    public void What_the_kernel_counted_is_said()
    {
        using var tree = new Scratch();
        MakeGroup(tree, "", "memory pids");
        using var group = ControlGroup.TryMake(All, tree.Root, "/")!;
        var folder = Directory.GetDirectories(tree.Root, "dotnet-release-*").Single();

        Assert.AreEqual("", group.Reached());
        File.WriteAllText(Path.Combine(folder, "pids.events"), "max 31\n");
        Assert.AreEqual("limit reached: 31 processes could not be started", group.Reached());
        File.WriteAllText(Path.Combine(folder, "memory.events"), "low 0\nmax 12\noom 2\noom_kill 2\n");
        Assert.AreEqual("limit reached: memory was used up 2 times, and the kernel ended the command", group.Reached());
    }

    [TestMethod]
    public void Groups_of_killed_runs_are_removed_and_those_of_living_ones_are_not()
    {
        using var tree = new Scratch();
        MakeGroup(tree, "", "pids");
        const int nobody = 4_194_304 + 1;
        Directory.CreateDirectory(tree[$"dotnet-release-{nobody}-1"]);
        Directory.CreateDirectory(tree["dotnet-release-1-1"]);

        using var group = ControlGroup.TryMake(All, tree.Root, "/");

        Assert.IsFalse(Directory.Exists(tree[$"dotnet-release-{nobody}-1"]));
        Assert.IsTrue(Directory.Exists(tree["dotnet-release-1-1"]));
    }

    private static void MakeGroup(Scratch tree, string path, string controllers)
    {
        tree.Write(Path.Combine(path, "cgroup.procs"), "");
        tree.Write(Path.Combine(path, "cgroup.subtree_control"), controllers + "\n");
    }

    private static string Read(string folder, string file) => File.ReadAllText(Path.Combine(folder, file)).Trim();
}
