using System.Text.Json;
using DotnetRelease.Core.Tests.Lockfiles;
using DotnetRelease.Fixtures;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class LockHistoryTests(TestContext test)
{
    [TestMethod]
    [Timeout(60_000)]
    public async Task Every_commit_that_touched_the_lock_is_an_entry_against_its_parent()
    {
        using var project = await GitProject.CreateAsync();
        var begin = await project.CommitAsync("README", "x");
        var first = await project.CommitAsync("poetry.lock", Lock("1"));
        await project.CommitAsync("README", "y");
        var second = await project.CommitAsync("poetry.lock", Lock("2"));
        var gone = await project.CommitAsync("poetry.lock", null);
        project.Write("poetry.lock", Lock("9"));

        var entries = (await ReadAsync(project)).Locks;

        Assert.AreEqual($"{gone} a 2 -> |{second} a 1 -> 2|{first} a  -> 1", Words(entries));
        Assert.AreEqual((second, gone), (entries[0].From, entries[0].To));
        Assert.AreEqual(begin, entries[2].From);
        Assert.IsTrue(entries.All(entry => entry.Format is "poetry" && entry.Path is "poetry.lock"));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_first_commit_has_no_older_side()
    {
        using var project = await GitProject.CreateAsync();
        var first = await project.CommitAsync("poetry.lock", Lock("1"));

        var detection = await ReadAsync(project);
        using var json = JsonDocument.Parse(detection.ToJson());

        var entry = json.RootElement.GetProperty("lockfiles").EnumerateArray().Single();
        Assert.AreEqual(JsonValueKind.Null, entry.GetProperty("from").ValueKind);
        Assert.AreEqual(first, entry.GetProperty("commit").GetString());
        Assert.AreEqual(first, entry.GetProperty("to").GetString());
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Branches_are_listed_as_git_log_lists_them()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));
        await project.GitAsync("switch", "-q", "-c", "side");
        await project.CommitAsync("poetry.lock", Lock("2"));
        await project.CommitAsync("poetry.lock", Lock("3"));
        await project.GitAsync("switch", "-q", "main");
        await project.CommitAsync("poetry.lock", Locks.Poetry(Locks.Package("a", "1"), Locks.Package("b", "1")));
        await project.GitAsync("merge", "-q", "-s", "ours", "--no-commit", "side");
        await project.CommitAsync("poetry.lock", Locks.Poetry(Locks.Package("a", "3"), Locks.Package("b", "1")));
        await project.CommitAsync("README", "x");

        var entries = (await ReadAsync(project)).Locks;

        var log = await project.GitAsync("log", "--topo-order", "--format=%H %P", "--", "poetry.lock");
        var expected = log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ').Take(2)).TrimEnd());
        Assert.AreEqual(string.Join('\n', expected), string.Join('\n', entries.Select(entry => $"{entry.Commit} {entry.From}".TrimEnd())));
        Assert.AreEqual(5, entries.Length);
        Assert.AreEqual("a 1 -> 3", Words([entries[0]])[41..]);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task History_goes_on_under_the_name_that_the_lock_had_before()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("README", "x");
        var first = await project.CommitAsync("poetry.lock", Lock("1"));
        var second = await project.CommitAsync("poetry.lock", Lock("2"));
        Directory.CreateDirectory(Path.Combine(project.Root, "app"));
        await project.GitAsync("mv", "poetry.lock", "app/poetry.lock");
        var moved = await project.CommitAsync("app/poetry.lock", Lock("3"));
        var after = await project.CommitAsync("app/poetry.lock", Lock("4"));
        await project.GitAsync("mv", "app", "src");
        var again = await project.CommitAsync("moved as it is");

        foreach (var (folder, name) in new[] { ("", "src/poetry.lock"), ("src", "poetry.lock") })
        {
            var entries = (await LockHistory.ReadAsync(new(Path.Combine(project.Root, folder)) { Lockfiles = [name] }, test.CancellationToken)).Locks;

            Assert.AreEqual($"{again} |{after} a 3 -> 4|{moved} a 2 -> 3|{second} a 1 -> 2|{first} a  -> 1", Words(entries));
            var up = folder is "" ? "" : "../";
            Assert.AreEqual($"{name} {up}app/poetry.lock {up}app/poetry.lock {up}poetry.lock {up}poetry.lock", string.Join(' ', entries.Select(entry => entry.Path)));
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_lock_that_came_back_after_a_move_is_listed_in_the_order_of_commits()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("README", "x");
        var old = await project.CommitAsync("app/poetry.lock", Lock("1"));
        var gone = await project.CommitAsync("app/poetry.lock", null);
        var root = await project.CommitAsync("poetry.lock", Lock("5"));
        await project.GitAsync("mv", "poetry.lock", Path.Combine(Directory.CreateDirectory(Path.Combine(project.Root, "app")).FullName, "poetry.lock"));
        var back = await project.CommitAsync("moved");

        var entries = (await LockHistory.ReadAsync(new(project.Root) { Lockfiles = ["app/poetry.lock"] }, test.CancellationToken)).Locks;

        Assert.AreEqual($"{back} |{root} a  -> 5|{gone} a 1 -> |{old} a  -> 1", Words(entries));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task An_old_digest_is_shown_where_it_came_in_and_not_where_it_was_last_seen()
    {
        using var project = await GitProject.CreateAsync();
        var first = await project.CommitAsync("poetry.lock", Lock("1"));
        await project.CommitAsync("README", "x");
        await project.CommitAsync("poetry.lock", Lock("1").Replace(Locks.Hex("a1whl"), Locks.Hex("evil"), StringComparison.Ordinal));

        var alarm = (await ReadAsync(project)).Locks[0].Alarms.Single();

        Assert.AreEqual("REL1101", alarm.Kind.Id);
        Assert.Contains($"at {first[..12]}:poetry.lock(", alarm.Text, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task An_unreadable_lock_in_history_is_a_warning_and_not_the_end()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));
        var bad = await project.CommitAsync("poetry.lock", Lock("1") + "<<<<<<< HEAD\n");
        var repaired = await project.CommitAsync("poetry.lock", Lock("2"));
        var good = await project.CommitAsync("poetry.lock", Lock("3"));

        var entries = (await ReadAsync(project)).Locks;

        Assert.AreEqual(4, entries.Length);
        Assert.AreEqual($"{good} a 2 -> 3", Words([entries[0]]));
        foreach (var (entry, commit) in new[] { (entries[1], repaired), (entries[2], bad) })
        {
            Assert.AreEqual(commit, entry.Commit);
            Assert.AreEqual(0, entry.Diff.Changes.Length);
            Assert.StartsWith($"{bad[..12]}:poetry.lock(", entry.Diff.Warnings.Single(), StringComparison.Ordinal);
            Assert.EndsWith($"The commit {commit} cannot be compared with its parent.", entry.Diff.Warnings.Single(), StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task History_can_start_at_an_older_revision()
    {
        using var project = await GitProject.CreateAsync();
        var first = await project.CommitAsync("poetry.lock", Lock("1"));
        await project.CommitAsync("poetry.lock", Lock("2"));

        var detection = await LockHistory.ReadAsync(new(project.Root) { To = "HEAD~1" }, test.CancellationToken);

        Assert.AreEqual(first, detection.Locks.Single().Commit);
    }

    [TestMethod]
    [Timeout(120_000)]
    public async Task A_history_larger_than_one_portion_is_read_completely()
    {
        using var project = await GitProject.CreateAsync();
        var filler = "# " + new string('x', 700_000);
        const int commits = 12;
        for (var i = 1; i <= commits; i++)
        {
            await project.CommitAsync("poetry.lock", Lock($"{i}") + filler + "\n");
        }

        var entries = (await ReadAsync(project)).Locks;

        Assert.AreEqual(commits, entries.Length);
        for (var i = 0; i < commits - 1; i++)
        {
            Assert.AreEqual($"a {commits - i - 1} -> {commits - i}", Words([entries[i]])[41..]);
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task The_history_of_a_shallow_clone_is_refused()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));
        await project.CommitAsync("poetry.lock", Lock("2"));
        using var clone = new Scratch();
        await project.GitAsync("clone", "-q", "--depth=1", $"file://{project.Root}", clone["c"]);

        var fault = await Assert.ThrowsExactlyAsync<ReleaseException>(() => LockHistory.ReadAsync(new(clone["c"]), test.CancellationToken));

        Assert.AreSame(Fault.RevisionUnknown, fault.Fault);
    }

    private static string Lock(string version) => Locks.Poetry(Locks.Package("a", version));

    private static string Words(IEnumerable<DetectedLock> entries) => string.Join(
        '|',
        entries.Select(entry => $"{entry.Commit} {string.Join("; ", entry.Diff.Changes.Select(change => $"{change.Name} {string.Join(',', change.Old)} -> {string.Join(',', change.New)}"))}"));

    private Task<Detection> ReadAsync(GitProject project) => LockHistory.ReadAsync(new(project.Root) { Lockfiles = ["poetry.lock"] }, test.CancellationToken);
}
