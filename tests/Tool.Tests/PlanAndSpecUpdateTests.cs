using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

[TestClass]
public sealed class PlanAndSpecUpdateTests(TestContext test)
{
    private const string Spec = "rpm-specs/greeter/greeter.spec";
    private static readonly string[] Bump = ["--from", "old.lock", "--to", "poetry.lock"];

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_plan_is_one_JSON_document_and_a_dry_one_writes_nothing()
    {
        using var project = Project();

        var outcome = await BuiltTool.RunAsync(project.Root, test.CancellationToken, ["plan", "--dry-run", "--json", .. Bump]);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        var rpm = BuiltTool.Json(outcome).GetProperty("rpms")[0];
        Assert.AreEqual("greeter 1.1", $"{rpm.GetProperty("name")} {rpm.GetProperty("version")}");
        Assert.AreEqual("poetry.lock: greeter 1.0 -> 1.1", rpm.GetProperty("reasons")[0].GetString());
        Assert.AreEqual("greeter-1.1-1.fc43.noarch", rpm.GetProperty("targets")[0].GetProperty("nevra")[0].GetString());
        Assert.AreEqual(Hex("1.1"), rpm.GetProperty("sources")[0].GetProperty("sha256").GetString());
        Assert.IsFalse(File.Exists(project["release.lock"]));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_update_of_a_spec_that_was_killed_is_done_by_the_next_one()
    {
        using var project = Project();

        string[] update = ["spec", "update", .. Bump, "--packager", "Alice <alice@example.org>"];
        var killed = await Exec.RunAsync(BuiltTool.Command(project.Root, update).With("DOTNET_RELEASE_FAIL_AT", "spec.update"), test.CancellationToken);
        Assert.AreEqual(137, killed.ExitCode, killed.Error);
        Assert.DoesNotContain("1.1", await File.ReadAllTextAsync(project[Spec], test.CancellationToken), StringComparison.Ordinal);
        var outcome = await BuiltTool.RunAsync(project.Root, test.CancellationToken, update);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.Contains("1.1", await File.ReadAllTextAsync(project[Spec], test.CancellationToken), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_plan_for_people_says_why_and_what()
    {
        using var project = Project();

        var outcome = await BuiltTool.RunAsync(project.Root, test.CancellationToken, ["plan", "--dry-run", .. Bump]);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        foreach (var text in (string[])["greeter 1.1 (the spec has 1.0)", "because poetry.lock: greeter 1.0 -> 1.1", "greeter-1.1-py3-none-any.whl", Hex("1.1"), "spec update greeter"])
        {
            Assert.Contains(text, outcome.Output, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_alarm_ends_a_plan_with_4_at_its_line_until_the_settings_accept_it()
    {
        using var project = Project();
        project.Write("old.lock", project.Read("poetry.lock").Replace(Hex("1.1"), Hex("other"), StringComparison.Ordinal));
        string[] plan = ["plan", "--dry-run", "--json", "--rpm", "greeter", .. Bump];

        var refused = await BuiltTool.RunAsync(project.Root, test.CancellationToken, plan);
        project.Write("release.toml", project.Read("release.toml") + "\n[[accept]]\nid = \"REL1101\"\npackage = \"greeter\"\nreason = \"built again\"\n");
        var accepted = await BuiltTool.RunAsync(project.Root, test.CancellationToken, plan);

        Assert.AreEqual((4, 0), (refused.ExitCode, accepted.ExitCode), accepted.Error);
        var error = BuiltTool.Json(refused).GetProperty("error");
        Assert.AreEqual(("REL1100", "poetry.lock"), (error.GetProperty("id").GetString(), error.GetProperty("file").GetString()));
        StringAssert.Matches(refused.Error, new(@"^poetry\.lock\(\d+,\d+\): warning REL1101: greeter: greeter-1\.1-py3-none-any\.whl has "));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_job_matrix_is_one_line_and_its_document_has_the_count()
    {
        using var project = Project();

        var plain = await BuiltTool.RunAsync(project.Root, test.CancellationToken, ["plan", "--dry-run", "--matrix", "github", .. Bump]);
        var json = BuiltTool.Json(await BuiltTool.RunAsync(project.Root, test.CancellationToken, ["plan", "--dry-run", "--matrix", "github", "--json", .. Bump]));

        Assert.AreEqual("""{"include":[{"name":"greeter-fedora-43-x86_64","id":"greeter@fedora-43/x86_64","rpm":"greeter","target":"fedora-43","arch":"x86_64","runner":"ubuntu-24.04"}]}""" + "\n", plain.Output);
        Assert.AreEqual((1, "greeter"), (json.GetProperty("count").GetInt32(), json.GetProperty("matrix").GetProperty("include")[0].GetProperty("rpm").GetString()));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_explanation_asks_nobody_writes_nothing_and_names_the_constraint()
    {
        using var project = Project();
        project.Write("pyproject.toml", "[tool.poetry.dependencies]\ngreeter = '^1.0'\n");

        var outcome = await BuiltTool.RunAsync(project.Root, test.CancellationToken, ["plan", "--explain", "--format", "markdown", .. Bump]);
        var json = BuiltTool.Json(await BuiltTool.RunAsync(project.Root, test.CancellationToken, ["plan", "--explain", "--json", .. Bump]));

        Assert.AreEqual((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("### greeter 1.1 (the spec has 1.0)\n\n- because poetry.lock: greeter 1.0 -&gt; 1.1\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("| greeter ^1.0 (pyproject.toml(2,11)) | (python3.Ydist(greeter) &lt; 2\\~\\~ with python3.Ydist(greeter) &gt;= 1) | ends before 2; the locked 1.1 is allowed |", outcome.Output, StringComparison.Ordinal);
        Assert.AreEqual("2", json.GetProperty("rpms")[0].GetProperty("requires")[0].GetProperty("upper").GetString());
        Assert.IsFalse(File.Exists(project["release.lock"]));
        Assert.AreEqual(2, (await BuiltTool.RunAsync(project.Root, test.CancellationToken, ["plan", "--format", "markdown", .. Bump])).ExitCode);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Spec_update_shows_the_diff_and_writes_it_unless_it_is_dry()
    {
        using var project = Project();
        var before = await File.ReadAllTextAsync(project[Spec], test.CancellationToken);
        string[] update = ["spec", "update", .. Bump, "--packager", "Alice <alice@example.org>"];

        var dry = await BuiltTool.RunAsync(project.Root, test.CancellationToken, [.. update, "--dry-run"]);
        Assert.AreEqual(0, dry.ExitCode, dry.Error);
        Assert.Contains("-Version: 1.0\n-Release: 4%{?dist}\n+Version: 1.1\n+Release: 1%{?dist}\n", dry.Output, StringComparison.Ordinal);
        Assert.AreEqual(before, await File.ReadAllTextAsync(project[Spec], test.CancellationToken));

        var real = await BuiltTool.RunAsync(project.Root, test.CancellationToken, update);
        Assert.AreEqual(dry.Output, real.Output);
        Assert.Contains("Alice <alice@example.org> - 1.1-1", await File.ReadAllTextAsync(project[Spec], test.CancellationToken), StringComparison.Ordinal);

        var again = await BuiltTool.RunAsync(project.Root, test.CancellationToken, [.. update, "--json"]);
        var spec = BuiltTool.Json(again).GetProperty("specs")[0];
        Assert.AreEqual(0, spec.GetProperty("changes").GetArrayLength());
        Assert.AreEqual("", spec.GetProperty("diff").GetString());
    }

    [TestMethod]
    [DataRow("namme = 'x'", "release.toml(2,1): error REL0004: 'project.namme' is no setting. Did you mean 'name'?")]
    [DataRow("name = 'a/b'", "release.toml(2,8): error REL0003: 'project.name' must be a name")]
    [DataRow("name = ", "release.toml(2,8): error REL0005:")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Wrong_settings_end_with_2_and_their_place(string line, string message)
    {
        using var project = new Scratch();
        project.Write("release.toml", "[project]\n" + line + "\n");

        foreach (var command in (string[][])[["plan"], ["spec", "update"]])
        {
            var outcome = await BuiltTool.RunAsync(project.Root, test.CancellationToken, command);

            Assert.AreEqual(2, outcome.ExitCode);
            Assert.StartsWith(message, outcome.Error, StringComparison.Ordinal);
            Assert.AreEqual("", outcome.Output);
        }
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Without_settings_both_end_with_2()
    {
        using var empty = new Scratch();

        Assert.AreEqual(2, (await BuiltTool.RunAsync(empty.Root, test.CancellationToken, "plan", "--config", "none.toml")).ExitCode);
        Assert.AreEqual(2, (await BuiltTool.RunAsync(empty.Root, test.CancellationToken, "spec", "update", "--config", "none.toml")).ExitCode);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_day_of_an_entry_is_the_one_that_the_environment_gives()
    {
        using var project = Project();

        var outcome = await UpdateAsync(project, "1718841600");

        Assert.Contains("+* Thu Jun 20 2024 Alice <alice@example.org> - 1.1-1\n", outcome.Output, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("soon")]
    [DataRow("-1")]
    [DataRow("253402300800")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_day_that_is_none_is_refused(string epoch)
    {
        using var project = Project();

        var outcome = await UpdateAsync(project, epoch);

        Assert.AreEqual(2, outcome.ExitCode);
        Assert.Contains($"SOURCE_DATE_EPOCH is '{epoch}'", outcome.Error, StringComparison.Ordinal);
        Assert.AreEqual("", outcome.Output);
    }

    private Task<Outcome> UpdateAsync(Scratch project, string epoch) => Exec.RunAsync(
        BuiltTool.Command(project.Root, ["spec", "update", "--dry-run", .. Bump, "--packager", "Alice <alice@example.org>"]).With("SOURCE_DATE_EPOCH", epoch),
        test.CancellationToken);

    private static Scratch Project()
    {
        var project = new Scratch();
        project.Write("release.toml", """
            [project]
            name = "hello"
            lockfiles = ["poetry.lock"]
            [[rpm]]
            name = "greeter"
            follows = ["greeter"]
            [target.fedora-43]
            image = "registry.example.org/fedora:43"
            """);
        project.Write(Spec, """
            Name: greeter
            Version: 1.0
            Release: 4%{?dist}
            Summary: s
            License: MIT
            BuildArch: noarch
            Source0: greeter-%{version}-py3-none-any.whl
            %description
            %files
            %changelog
            * Mon May 27 2024 M <m@x> - 1.0-4
            - x

            """);
        project.Write("old.lock", Lock("1.0"));
        project.Write("poetry.lock", Lock("1.1"));
        return project;
    }

    private static string Lock(string version) => PoetryLock.Of($"greeter-{version}-py3-none-any.whl", Digest.Of(version));

    private static string Hex(string text) => Digest.Of(text).Hex;
}
