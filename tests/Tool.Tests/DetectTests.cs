using DotnetRelease.Fixtures;

namespace DotnetRelease.Tool.Tests;

[TestClass]
public sealed class DetectTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    public async Task Two_files_are_compared_in_words_and_in_json()
    {
        using var scratch = new Scratch();
        scratch.Write("old.lock", Lock(("pyside6", "6.7.1"), ("gone", "1"), ("same", "1")));
        scratch.Write("new.lock", Lock(("fresh", "1"), ("pyside6", "6.7.2"), ("same", "1")));

        var words = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--from", "old.lock", "--to", "new.lock");
        var json = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--from", "old.lock", "--to", "new.lock", "--json", "--exit-code");

        Assert.AreEqual(
            """
            new.lock: old.lock -> new.lock: 3 changes
            package  old    new    kind
            pyside6  6.7.1  6.7.2  upgraded
            fresh    -      1      added
            gone     1      -      removed
            """,
            string.Join('\n', words.Output.TrimEnd().Split('\n').Select(line => line.TrimEnd())));
        Assert.AreEqual((0, 0, "", ""), (words.ExitCode, json.ExitCode, words.Error, json.Error));
        var entry = BuiltTool.Json(json).GetProperty("lockfiles")[0];
        Assert.AreEqual("fresh gone pyside6", string.Join(' ', entry.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("name").GetString())));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_comment_and_a_script_get_the_same_facts_in_their_own_form()
    {
        using var scratch = new Scratch();
        scratch.Write("old.lock", Lock(("pyside6", "6.7.1"), ("gone", "1")));
        scratch.Write("new_`@x|.lock", Lock(("pyside6", "6.7.2")));

        var markdown = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--from", "old.lock", "--to", "new_`@x|.lock", "--format", "markdown");
        var tsv = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--from", "old.lock", "--to", "new_`@x|.lock", "--format", "tsv");
        var unknown = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--format", "html");

        Assert.AreEqual(
            """
            ### new\_\`&#64;x\|.lock: old.lock -&gt; new\_\`&#64;x\|.lock: 2 changes

            | package | old | new | kind |
            | --- | --- | --- | --- |
            | pyside6 | 6.7.1 | 6.7.2 | upgraded |
            | gone | 1 | - | removed |
            """,
            markdown.Output.TrimEnd());
        Assert.AreEqual("lockfile\tpackage\told\tnew\tkind\nnew_`@x|.lock\tpyside6\t6.7.1\t6.7.2\tupgraded\nnew_`@x|.lock\tgone\t1\t-\tremoved\n", tsv.Output);
        Assert.AreEqual(2, unknown.ExitCode);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task What_matters_to_the_project_comes_first_and_the_rest_is_folded()
    {
        using var project = await GitProject.CreateAsync();
        project.Write("release.toml", "[project]\nname = \"p\"\nlockfiles = [\"poetry.lock\"]\n[[rpm]]\nname = \"python3-greeter\"\nfollows = [\"greeter\"]\n");
        await project.CommitAsync("poetry.lock", Lock(("attrs", "2"), ("black", "1"), ("greeter", "1.0")));
        project.Write("poetry.lock", Lock(("attrs", "1"), ("black", "2"), ("greeter", "1.1")));

        var words = await BuiltTool.RunAsync(project.Root, Ct, "detect");
        var markdown = await BuiltTool.RunAsync(project.Root, Ct, "detect", "--format", "markdown");

        Assert.AreEqual("poetry.lock(1,1): warning REL1107: attrs went from 2 down to 1.\n", words.Error);
        Assert.AreEqual(
            """
            RPMs are made of these
            package  old  new  kind      rpm
            greeter  1.0  1.1  upgraded  python3-greeter

            Alarms
            alarm    severity  package  what
            REL1107  warning   attrs    an older version

            Other packages: 2 changes
            package  old  new  kind
            black    1    2    upgraded
            attrs    2    1    downgraded
            """,
            words.Output[(words.Output.IndexOf('\n', StringComparison.Ordinal) + 1)..].TrimEnd());
        Assert.Contains(": 3 changes, 1 alarm\n\n**RPMs are made of these**\n\n| package |", markdown.Output, StringComparison.Ordinal);
        Assert.Contains("| REL1107 | warning | attrs | poetry.lock(1,1): attrs went", markdown.Output, StringComparison.Ordinal);
        Assert.Contains("<details><summary>Other packages: 2 changes</summary>\n\n| package | old | new | kind |\n", markdown.Output, StringComparison.Ordinal);
        Assert.EndsWith("| attrs | 2 | 1 | downgraded |\n\n</details>\n\n", markdown.Output, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_lock_can_be_piped_in()
    {
        using var scratch = new Scratch();
        scratch.Write("poetry.lock", Lock(("a", "2")));
        var command = BuiltTool.Command(scratch.Root, "detect", "--from", "-", "--format", "tsv") with { Input = System.Text.Encoding.UTF8.GetBytes(Lock(("a", "1"))) };

        var outcome = await DotnetRelease.Processes.Exec.RunAsync(command, Ct);

        Assert.AreEqual("lockfile\tpackage\told\tnew\tkind\npoetry.lock\ta\t1\t2\tupgraded\n", outcome.Output, outcome.Error);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Nothing_changed_ends_with_3_only_when_asked()
    {
        using var scratch = new Scratch();
        scratch.Write("a.lock", Lock(("a", "1")));

        var calm = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--from", "a.lock", "--to", "a.lock");
        var asked = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--from", "a.lock", "--to", "a.lock", "--exit-code");

        Assert.AreEqual((0, 3), (calm.ExitCode, asked.ExitCode));
        Assert.AreEqual("a.lock: a.lock -> a.lock: no change\n", calm.Output);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_lockfiles_of_the_settings_are_found_from_below()
    {
        using var project = await GitProject.CreateAsync();
        project.Write("release.toml", "[project]\nname = \"p\"\nlockfiles = [\"deps/my.lock\"]\n");
        project.Write("poetry.lock", Lock(("other", "1")));
        await project.CommitAsync("deps/my.lock", Lock(("a", "1")));
        var old = await project.CommitAsync("README", "x");
        await project.CommitAsync("deps/my.lock", Lock(("a", "2")));
        Directory.CreateDirectory(Path.Combine(project.Root, "src", "deep"));

        var outcome = await BuiltTool.RunAsync(project.Root, Ct, "detect", "-C", "src/deep", "--json");

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        var entry = BuiltTool.Json(outcome).GetProperty("lockfiles").EnumerateArray().Single();
        Assert.AreEqual(("deps/my.lock", old), (entry.GetProperty("path").GetString(), entry.GetProperty("from").GetString()));
        Assert.AreEqual("a", entry.GetProperty("changes")[0].GetProperty("name").GetString());
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_named_lockfile_wins_over_the_settings()
    {
        using var project = await GitProject.CreateAsync();
        project.Write("release.toml", "[project]\nname = \"p\"\nlockfiles = [\"deps/my.lock\"]\n");
        await project.CommitAsync("poetry.lock", Lock(("other", "1")));

        var outcome = await BuiltTool.RunAsync(project.Root, Ct, "detect", "--lockfile", "poetry.lock", "--json");

        Assert.AreEqual("poetry.lock", BuiltTool.Json(outcome).GetProperty("lockfiles").EnumerateArray().Single().GetProperty("path").GetString());
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task All_history_has_one_entry_per_commit()
    {
        using var project = await GitProject.CreateAsync();
        var first = await project.CommitAsync("poetry.lock", Lock(("a", "1")));
        var second = await project.CommitAsync("poetry.lock", Lock(("a", "2")));

        var outcome = await BuiltTool.RunAsync(project.Root, Ct, "detect", "--all-history", "--json");

        Assert.AreEqual($"{second} {first}", string.Join(' ', BuiltTool.Json(outcome).GetProperty("lockfiles").EnumerateArray().Select(entry => entry.GetProperty("commit").GetString())));
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("<<<<<<< HEAD\n", "bad.lock(1,1): error REL0005: This is a merge-conflict marker; resolve the conflict first.")]
    [DataRow("a\0b", "bad.lock(1,2): error REL0005: ")]
    [DataRow("[[package]]\nname = 'x", "bad.lock(2,10): error REL0005: ")]
    [DataRow("[[package]]\nname = 'x'", "bad.lock(1,1): error REL1002: ")]
    [DataRow("[metadata]\nlock-version = '2.1'\n[[package]]\nname = 'x'", "bad.lock(3,1): error REL1001: 'package[0]' has no key 'version'.")]
    public async Task A_malformed_lock_ends_with_2_and_its_place(string text, string diagnostic)
    {
        using var scratch = new Scratch();
        scratch.Write("good.lock", Lock(("a", "1")));
        scratch.Write("bad.lock", text);

        var words = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--from", "good.lock", "--to", "bad.lock");
        var json = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--from", "bad.lock", "--to", "good.lock", "--json");

        Assert.AreEqual((2, 2, ""), (words.ExitCode, json.ExitCode, words.Output));
        Assert.StartsWith(diagnostic, words.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", words.Error, StringComparison.Ordinal);
        var error = BuiltTool.Json(json).GetProperty("error");
        Assert.AreEqual("bad.lock", error.GetProperty("file").GetString());
        Assert.IsGreaterThan(0, error.GetProperty("line").GetInt32());
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Ten_thousand_nested_arrays_end_with_2()
    {
        using var scratch = new Scratch();
        scratch.Write("good.lock", Lock(("a", "1")));
        scratch.Write("bad.lock", "a = " + new string('[', 10_000) + new string(']', 10_000));

        var outcome = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--from", "good.lock", "--to", "bad.lock");

        Assert.AreEqual(2, outcome.ExitCode);
        Assert.AreEqual("bad.lock(1,104): error REL0005: Nesting deeper than 100 levels is not read.\n", outcome.Error);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_changed_digest_is_a_warning_on_stderr_and_in_the_document()
    {
        using var scratch = new Scratch();
        var old = Lock(("a", "1"));
        scratch.Write("old.lock", old);
        scratch.Write("new.lock", old.Replace(Hex("a1"), Hex("evil"), StringComparison.Ordinal));

        var outcome = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--from", "old.lock", "--to", "new.lock", "--json");

        Assert.Contains("A published file never changes", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("A published file never changes", BuiltTool.Json(outcome).GetProperty("lockfiles")[0].GetProperty("warnings")[0].GetString()!, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task What_the_options_cannot_mean_together_is_refused()
    {
        using var scratch = new Scratch();
        scratch.Write("x", Lock(("a", "1")));

        var history = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--all-history", "--from", "HEAD");
        var two = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--lockfile", "a", "b", "--from", "x");
        var config = await BuiltTool.RunAsync(scratch.Root, Ct, "detect", "--config", "none.toml");

        Assert.AreEqual((2, 2, 2), (history.ExitCode, two.ExitCode, config.ExitCode));
        Assert.Contains("none.toml", config.Error, StringComparison.Ordinal);
    }

    private static string Hex(string text) => Digest.Of(text).Hex;

    private static string Lock(params (string Name, string Version)[] packages) =>
        string.Concat(packages.Select(each =>
            $"[[package]]\nname = \"{each.Name}\"\nversion = \"{each.Version}\"\nfiles = [{{file = \"{each.Name}-{each.Version}.zip\", hash = \"sha256:{Hex(each.Name + each.Version)}\"}}]\n\n"))
        + "[metadata]\nlock-version = \"2.1\"\ncontent-hash = \"x\"\n";
}
