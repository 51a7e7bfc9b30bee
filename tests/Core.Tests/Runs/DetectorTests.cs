using System.Text.Json;
using DotnetRelease.Core.Tests.Lockfiles;
using DotnetRelease.Fixtures;
using DotnetRelease.Runs;
using DotnetRelease.Toml;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class DetectorTests(TestContext test)
{
    [TestMethod]
    [Timeout(60_000)]
    public async Task By_default_an_uncommitted_change_is_the_last_change()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));
        var head = await project.CommitAsync("poetry.lock", Lock("2"));
        project.Write("poetry.lock", Lock("3"));

        var entry = (await CompareAsync(new(project.Root))).Locks.Single();

        Assert.AreEqual("a 2 -> 3", Words(entry));
        Assert.AreEqual((head, "poetry.lock", "poetry.lock", "poetry"), (entry.From, entry.To, entry.Path, entry.Format));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task By_default_the_last_committed_change_is_found_behind_other_commits()
    {
        using var project = await GitProject.CreateAsync();
        var first = await project.CommitAsync("poetry.lock", Lock("1"));
        await project.CommitAsync("poetry.lock", Lock("2"));
        await project.CommitAsync("README", "x");

        var entry = (await CompareAsync(new(project.Root))).Locks.Single();

        Assert.AreEqual("a 1 -> 2", Words(entry));
        Assert.AreEqual(first, entry.From);
        Assert.AreEqual("1 2", $"{entry.Before!.Packages[0].Version} {entry.After!.Packages[0].Version}");
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Line_ends_that_a_checkout_rewrote_are_no_change()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));
        await project.CommitAsync("poetry.lock", Lock("2"));
        project.Write("poetry.lock", Lock("2").Replace("\n", "\r\n", StringComparison.Ordinal));

        Assert.AreEqual("a 1 -> 2", Words((await CompareAsync(new(project.Root))).Locks.Single()));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task The_first_lock_ever_is_all_new()
    {
        using var project = await GitProject.CreateAsync();
        project.Write("poetry.lock", Lock("1"));
        var unborn = (await CompareAsync(new(project.Root))).Locks.Single();
        await project.CommitAsync("first");
        var only = (await CompareAsync(new(project.Root))).Locks.Single();
        await project.CommitAsync("x", "y");
        var later = (await CompareAsync(new(project.Root))).Locks.Single();

        foreach (var entry in new[] { unborn, only, later })
        {
            Assert.AreEqual("a  -> 1", Words(entry));
            Assert.IsNull(entry.From);
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_lock_that_was_deleted_is_all_gone()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));
        project.Write("poetry.lock", null);

        Assert.AreEqual("a 1 -> ", Words((await CompareAsync(new(project.Root) { Lockfiles = ["poetry.lock"] })).Locks.Single()));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Revisions_are_named_in_any_way_git_knows()
    {
        using var project = await GitProject.CreateAsync();
        var first = await project.CommitAsync("poetry.lock", Lock("1"));
        await project.GitAsync("tag", "-a", "v1", "-m", "one");
        var second = await project.CommitAsync("poetry.lock", Lock("2"));
        await project.GitAsync("branch", "side");
        await project.CommitAsync("poetry.lock", Lock("3"));

        foreach (var (from, to) in new[] { ("v1", "side"), ("HEAD~2", "HEAD~1"), (first[..8], second), ("refs/tags/v1", "HEAD^") })
        {
            var entry = (await CompareAsync(new(project.Root) { From = from, To = to })).Locks.Single();
            Assert.AreEqual("a 1 -> 2", Words(entry));
            Assert.AreEqual((first, second), (entry.From, entry.To));
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Only_one_side_named_leaves_the_other_to_its_default()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));
        await project.CommitAsync("poetry.lock", Lock("2"));
        await project.CommitAsync("poetry.lock", Lock("3"));
        await project.CommitAsync("README", "x");

        Assert.AreEqual("a 1 -> 3", Words((await CompareAsync(new(project.Root) { From = "HEAD~3" })).Locks.Single()));
        Assert.AreEqual("a 1 -> 2", Words((await CompareAsync(new(project.Root) { To = "HEAD~2" })).Locks.Single()));
        Assert.AreEqual("a 2 -> 3", Words((await CompareAsync(new(project.Root) { To = "HEAD" })).Locks.Single()));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Two_files_need_no_repository()
    {
        using var scratch = new Scratch();
        scratch.Write("old/poetry.lock", Lock("1"));
        var full = scratch.Write("new/any.name", Lock("2"));

        var entry = (await CompareAsync(new(scratch.Root) { From = "old/poetry.lock", To = full })).Locks.Single();

        Assert.AreEqual("a 1 -> 2", Words(entry));
        Assert.AreEqual(("old/poetry.lock", full, full), (entry.From, entry.To, entry.Path));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_file_and_a_revision_can_be_compared()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));
        project.Write("other.lock", Lock("9"));

        Assert.AreEqual("a 1 -> 9", Words((await CompareAsync(new(project.Root) { Lockfiles = ["poetry.lock"], From = "HEAD", To = "other.lock" })).Locks.Single()));
        Assert.AreEqual("a 9 -> 1", Words((await CompareAsync(new(project.Root) { Lockfiles = ["poetry.lock"], From = "other.lock" })).Locks.Single()));
        Assert.AreEqual("a 9 -> 1", Words((await CompareAsync(new(project.Root) { Lockfiles = ["poetry.lock"], From = "other.lock", To = "HEAD" })).Locks.Single()));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_lock_that_was_moved_is_compared_with_itself()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));
        var second = await project.CommitAsync("poetry.lock", Lock("2"));
        Directory.CreateDirectory(Path.Combine(project.Root, "app"));
        await project.GitAsync("mv", "poetry.lock", "app/poetry.lock");
        await project.CommitAsync("moved as it is");
        DetectionRequest request = new(project.Root) { Lockfiles = ["app/poetry.lock"] };

        var moved = (await CompareAsync(request)).Locks.Single();
        var tagged = (await CompareAsync(request with { From = second })).Locks.Single();
        await project.CommitAsync("app/poetry.lock", Lock("3"));
        var older = (await CompareAsync(request with { From = "HEAD~3" })).Locks.Single();

        Assert.AreEqual("a 1 -> 2||a 1 -> 3", $"{Words(moved)}|{Words(tagged)}|{Words(older)}");
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_side_can_be_piped_in()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));
        project.Write("other.lock", Lock("7"));
        DetectionRequest request = new(project.Root) { Input = Piped("9") };

        var older = (await CompareAsync(request with { From = "-" })).Locks.Single();
        var newer = (await CompareAsync(request with { To = "-", Input = Piped("9") })).Locks.Single();
        var file = (await CompareAsync(request with { From = "other.lock", To = "-", Input = Piped("9") })).Locks.Single();

        Assert.AreEqual("a 9 -> 1|a 1 -> 9|a 7 -> 9", $"{Words(older)}|{Words(newer)}|{Words(file)}");
        Assert.AreEqual(("-", "poetry.lock", "poetry.lock"), (older.From, older.To, older.Path));
        Assert.AreEqual("stdin", newer.After!.Packages[0].Position.File);
        project.Write("uv.lock", "version = 1\n");
        foreach (var wrong in new[] { request with { From = "-", To = "-", Input = Piped("9"), Lockfiles = ["poetry.lock"] }, request with { From = "-", Input = null, Lockfiles = ["poetry.lock"] }, request with { From = "-" } })
        {
            Assert.AreSame(Fault.Usage, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => CompareAsync(wrong))).Fault);
        }

        static MemoryStream Piped(string version) => new(System.Text.Encoding.UTF8.GetBytes(Lock(version)));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Several_locks_of_a_folder_below_the_root_are_all_compared()
    {
        using var project = await GitProject.CreateAsync();
        project.Write("app/poetry.lock", Lock("1"));
        project.Write("app/uv.lock", Locks.Uv(Locks.UvPackage("a", "1")));
        await project.CommitAsync("first");
        project.Write("app/poetry.lock", Lock("2"));
        project.Write("app/uv.lock", Locks.Uv(Locks.UvPackage("a", "3")));
        await project.CommitAsync("second");

        var found = await CompareAsync(new(Path.Combine(project.Root, "app")));
        var named = await CompareAsync(new(project.Root) { Lockfiles = ["app/uv.lock", "app/poetry.lock"], From = "HEAD~1", To = "HEAD" });

        Assert.AreEqual("poetry.lock a 1 -> 2|uv.lock a 1 -> 3", string.Join('|', found.Locks.Select(each => $"{each.Path} {Words(each)}")));
        Assert.AreEqual("app/uv.lock a 1 -> 3|app/poetry.lock a 1 -> 2", string.Join('|', named.Locks.Select(each => $"{each.Path} {Words(each)}")));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Faults_of_a_lock_in_a_commit_name_the_commit()
    {
        using var project = await GitProject.CreateAsync();
        var bad = await project.CommitAsync("poetry.lock", "<<<<<<< HEAD\n");
        await project.CommitAsync("poetry.lock", Lock("1"));

        var fault = await FaultAsync(new(project.Root));

        Assert.AreEqual($"{bad[..12]}:poetry.lock(1,1)", fault.Position.ToString());
        Assert.AreSame(Fault.TomlSyntax, fault.Fault);
    }

    [TestMethod]
    [Timeout(60_000)]
    [DataRow("no-such-branch")]
    [DataRow("--output=x")]
    [DataRow("-p")]
    [DataRow("HEAD~9")]
    [DataRow("HEAD:poetry.lock")]
    [DataRow("")]
    [DataRow("a\nb")]
    public async Task A_revision_that_git_does_not_know_is_refused(string revision)
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));

        Assert.AreSame(Fault.RevisionUnknown, (await FaultAsync(new(project.Root) { From = revision })).Fault);
        Assert.AreSame(Fault.RevisionUnknown, (await FaultAsync(new(project.Root) { Lockfiles = ["poetry.lock"], To = revision })).Fault);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Where_nothing_can_be_compared_the_message_says_what_to_name()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("README", "x");
        using var scratch = new Scratch();
        scratch.Write("poetry.lock", Lock("1"));

        Assert.AreSame(Fault.FileUnreadable, (await FaultAsync(new(project.Root))).Fault);
        Assert.Contains("neither in", (await FaultAsync(new(project.Root) { Lockfiles = ["poetry.lock"] })).Message, StringComparison.Ordinal);
        Assert.Contains("neither in", (await FaultAsync(new(project.Root) { Lockfiles = ["none/x.lock"], From = "HEAD", To = "HEAD" })).Message, StringComparison.Ordinal);
        Assert.Contains("not a git repository", (await FaultAsync(new(scratch.Root))).Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task One_file_cannot_be_compared_with_two_locks()
    {
        using var scratch = new Scratch();
        scratch.Write("x", Lock("1"));

        Assert.AreSame(Fault.Usage, (await FaultAsync(new(scratch.Root) { Lockfiles = ["a", "b"], From = "x" })).Fault);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_folder_is_no_lock()
    {
        using var scratch = new Scratch();
        scratch.Write("x", Lock("1"));
        scratch.Folder("poetry.lock");

        Assert.AreSame(Fault.FileUnreadable, (await FaultAsync(new(scratch.Root) { Lockfiles = ["poetry.lock"], From = "x" })).Fault);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_file_of_a_gigabyte_is_refused_before_it_is_read()
    {
        using var scratch = new Scratch();
        scratch.Write("small", Lock("1"));
        using (var file = File.OpenWrite(scratch["big"]))
        {
            file.SetLength(1024L * 1024 * 1024);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var fault = await FaultAsync(new(scratch.Root) { From = "small", To = "big" });

        Assert.AreSame(Fault.InputTooLarge, fault.Fault);
        Assert.IsLessThan(TomlReader.SizeLimit, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_file_that_never_ends_is_refused()
    {
        using var scratch = new Scratch();
        scratch.Write("small", Lock("1"));

        Assert.AreSame(Fault.InputTooLarge, (await FaultAsync(new(scratch.Root) { From = "small", To = "/dev/zero" })).Fault);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_lock_beyond_the_size_limit_is_refused_in_a_commit_too()
    {
        using var project = await GitProject.CreateAsync();
        var big = await project.CommitAsync("poetry.lock", new string('#', TomlReader.SizeLimit + 1));
        project.Write("poetry.lock", Lock("1"));

        var fault = await FaultAsync(new(project.Root));

        Assert.AreSame(Fault.InputTooLarge, fault.Fault);
        Assert.AreEqual($"{big[..12]}:poetry.lock", fault.Position.ToString());
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_shallow_clone_does_not_pass_its_end_off_as_the_beginning()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));
        await project.CommitAsync("poetry.lock", Lock("2"));
        using var clone = new Scratch();
        await project.GitAsync("clone", "-q", "--depth=1", $"file://{project.Root}", clone["c"]);

        var fault = await FaultAsync(new(clone["c"]));

        Assert.AreSame(Fault.RevisionUnknown, fault.Fault);
        Assert.Contains("git fetch --unshallow", fault.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task What_a_repository_configures_is_not_run()
    {
        using var project = await GitProject.CreateAsync();
        await project.CommitAsync("poetry.lock", Lock("1"));
        await project.CommitAsync("poetry.lock", Lock("2"));
        var canary = Path.Combine(project.Root, "canary");
        foreach (var key in new[] { "core.fsmonitor", "diff.external", "diff.x.textconv", "filter.x.clean", "filter.x.smudge", "gpg.program", "core.pager", "core.sshCommand" })
        {
            await project.GitAsync("config", key, $"touch {canary}; cat");
        }

        await project.GitAsync("config", "log.showSignature", "true");
        project.Write(".gitattributes", "poetry.lock diff=x filter=x\n");

        Assert.AreEqual("a 1 -> 2", Words((await CompareAsync(new(project.Root))).Locks.Single()));
        Assert.AreEqual(2, (await LockHistory.ReadAsync(new(project.Root), test.CancellationToken)).Locks.Length);
        Assert.IsFalse(File.Exists(canary));
    }

    [TestMethod]
    public async Task The_document_has_the_fields_of_the_contract()
    {
        using var scratch = new Scratch();
        scratch.Write("old", Locks.Poetry(Locks.Package("a", "1"), Locks.PackageOf("b", "1", $"{{file = \"b.zip\", hash = \"sha256:{Locks.Hex("1")}\"}}")));
        scratch.Write("new", Locks.Poetry(Locks.Package("a", "2"), Locks.PackageOf("b", "1", $"{{file = \"b.zip\", hash = \"sha256:{Locks.Hex("2")}\"}}")));

        var detection = await CompareAsync(new(scratch.Root) { From = "old", To = "new" });
        using var json = JsonDocument.Parse(detection.ToJson());

        var entry = json.RootElement.GetProperty("lockfiles").EnumerateArray().Single();
        Assert.AreEqual(1, json.RootElement.GetProperty("schema").GetInt32());
        Assert.AreEqual("path format from to changes warnings alarms", string.Join(' ', entry.EnumerateObject().Select(property => property.Name)));
        Assert.AreEqual(
            """{"name":"a","old":["1"],"new":["2"],"kind":"upgraded","rpms":[],"files":{"added":["a-2-py3-none-any.whl","a-2.tar.gz"],"removed":["a-1-py3-none-any.whl","a-1.tar.gz"],"rehashed":[]}}""",
            JsonSerializer.Serialize(entry.GetProperty("changes")[0]));
        Assert.AreEqual(
            """{"name":"b","old":["1"],"new":["1"],"kind":"changed","rpms":[],"files":{"added":[],"removed":[],"rehashed":["b.zip"]}}""",
            JsonSerializer.Serialize(entry.GetProperty("changes")[1]));
        Assert.AreEqual(1, entry.GetProperty("warnings").GetArrayLength());
        Assert.IsTrue(detection.HasChanges);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Alarms_are_judged_by_the_settings_and_stay_in_the_document()
    {
        using var project = await GitProject.CreateAsync();
        project.Write("release.toml", "[project]\nname = \"p\"\nlockfiles = [\"poetry.lock\"]\n[[accept]]\nid = \"REL1107\"\npackage = \"A\"\nreason = \"broken\"\n");
        await project.CommitAsync("poetry.lock", Lock("2"));
        project.Write("poetry.lock", Lock("1"));

        var detection = await CompareAsync(await new DetectionRequest(project.Root).WithSettingsAsync(null, test.CancellationToken));

        using var json = JsonDocument.Parse(detection.ToJson());
        var alarm = json.RootElement.GetProperty("lockfiles")[0].GetProperty("alarms").EnumerateArray().Single();
        Assert.AreEqual("REL1107 warning a 1 poetry.lock broken", string.Join(' ', new[] { "id", "severity", "package", "version", "file", "accepted" }.Select(key => alarm.GetProperty(key).GetString())));
        Assert.AreEqual((3, 1), (alarm.GetProperty("line").GetInt32(), alarm.GetProperty("column").GetInt32()));
        Assert.AreEqual(0, json.RootElement.GetProperty("lockfiles")[0].GetProperty("warnings").GetArrayLength());
        Assert.AreEqual(0, json.RootElement.GetProperty("alarms").GetArrayLength());

        project.Write("poetry.lock", Lock("3"));
        var later = await CompareAsync(await new DetectionRequest(project.Root).WithSettingsAsync(null, test.CancellationToken));
        Assert.AreEqual("release.toml(4,1)", later.AllAlarms.Single().Position.ToString());
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task What_a_detection_depends_on_is_known_without_reading_a_lock()
    {
        using var project = await GitProject.CreateAsync();
        project.Write("release.toml", "[project]\nname = \"p\"\nlockfiles = [\"deps/poetry.lock\"]\n");
        project.Write("deps/poetry.lock", "<<<<<<< HEAD");
        var head = await project.CommitAsync("first");
        var below = Directory.CreateDirectory(Path.Combine(project.Root, "src", "app")).FullName;
        var request = await new DetectionRequest(below) { From = "HEAD~7" }.WithSettingsAsync(null, test.CancellationToken);

        var inputs = await DetectInputs.FindAsync(request, test.CancellationToken);

        Assert.AreEqual("deps/poetry.lock release.toml", string.Join(' ', inputs.Files.Select(file => Path.GetRelativePath(project.Root, file))));
        Assert.AreEqual($"{head} ", string.Join(' ', inputs.Commits));
    }

    private static string Lock(string version) => Locks.Poetry(Locks.Package("a", version));

    private static string Words(DetectedLock entry) => string.Join(
        "; ", entry.Diff.Changes.Select(change => $"{change.Name} {string.Join(',', change.Old)} -> {string.Join(',', change.New)}"));

    private Task<Detection> CompareAsync(DetectionRequest request) => Detector.CompareAsync(request, test.CancellationToken);

    private Task<ReleaseException> FaultAsync(DetectionRequest request) => Assert.ThrowsExactlyAsync<ReleaseException>(() => CompareAsync(request));
}
