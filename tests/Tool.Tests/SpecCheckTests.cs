using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

[TestClass]
public sealed class SpecCheckTests(TestContext test)
{
    private const int Patience = 60_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    public async Task Files_that_agree_are_listed_and_end_with_0()
    {
        using var scratch = Project("1.0", "1.0", "2.0", "2.0");

        var outcome = await RunAsync(scratch);
        var tagged = await RunAsync(scratch, "--tag", "v2.0", "--json");

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.AreEqual("hello 2.0\n  ok      2.0 in VERSION(1,1)\n  ok      2.0 in package.json(2,14)\npython3-greeter 1.0\n  ok      1.0 in greeter.spec(2,10)\n  ok      1.0 in poetry.lock(1,1)\n", outcome.Output);
        Assert.AreEqual(0, tagged.ExitCode, tagged.Error);
        var package = BuiltTool.Json(tagged).GetProperty("packages").EnumerateArray().Single();
        Assert.AreEqual(("hello", "2.0", true), (package.GetProperty("name").GetString(), package.GetProperty("version").GetString(), package.GetProperty("ok").GetBoolean()));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_70_a_file_with_another_version_is_named_with_its_line_and_ends_with_4()
    {
        using var lagging = Project("1.0", "1.1", "2.0", "2.0");
        using var forgotten = Project("1.0", "1.0", "2.0", "1.9");

        var spec = await RunAsync(lagging);
        var file = await RunAsync(forgotten, "hello", "--tag", "v2.0");
        var json = await RunAsync(lagging, "--json");

        Assert.AreEqual((4, 4, 4), (spec.ExitCode, file.ExitCode, json.ExitCode));
        Assert.Contains("greeter.spec(2,10): error REL7010: 'python3-greeter' is to have version 1.1, and this file has 1.0. Bring the spec in line: dotnet release spec update python3-greeter", spec.Error, StringComparison.Ordinal);
        Assert.Contains("package.json(2,14): error REL7010: 'hello' is to have version 2.0, and this file has 1.9.", file.Error, StringComparison.Ordinal);
        Assert.IsFalse(BuiltTool.Json(json).GetProperty("ok").GetBoolean());
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Every_line_that_lags_is_named_with_its_place()
    {
        using var scratch = Project("1.0", "1.0", "2.0", "1.9");
        scratch.Write("greeter.spec", scratch.Read("greeter.spec") + "%changelog\n* Thu Jan 15 2026 T <t@example.org> - 0.9-1\n- Old\n");

        var outcome = await RunAsync(scratch);

        Assert.AreEqual(4, outcome.ExitCode);
        Assert.Contains("VERSION(1,1): error REL7010: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("greeter.spec(10): warning REL1014: 'python3-greeter' has version 1.0 as its lock, but its %changelog lags behind: no entry names this version.", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("  lags    %changelog in greeter.spec(10): no entry names this version\n", outcome.Output, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow(2, "Did you mean 'hello'?", "helo")]
    [DataRow(4, "does not have the form of this project's tags, v{version}", "--tag", "next")]
    public async Task A_mistake_is_told(int exit, string words, params string[] arguments)
    {
        using var scratch = Project("1.0", "1.0", "2.0", "2.0");

        var outcome = await RunAsync(scratch, arguments);

        Assert.AreEqual(exit, outcome.ExitCode);
        Assert.Contains(words, outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_version_file_that_is_not_there_is_an_error()
    {
        using var scratch = Project("1.0", "1.0", "2.0", "2.0");
        File.Delete(scratch["VERSION"]);

        var outcome = await RunAsync(scratch);

        Assert.AreEqual(2, outcome.ExitCode);
        Assert.Contains("REL0007", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("VERSION", outcome.Error, StringComparison.Ordinal);
    }

    private static Scratch Project(string spec, string locked, string version, string package)
    {
        var scratch = new Scratch();
        scratch.Write("release.toml", "[project]\nname = \"hello\"\nlockfiles = [\"poetry.lock\"]\nversion-files = [\"VERSION\", \"package.json\"]\n[[rpm]]\nname = \"python3-greeter\"\nfollows = [\"greeter\"]\nspec = \"greeter.spec\"\n");
        scratch.Write("greeter.spec", $"Name: python3-greeter\nVersion: {spec}\nRelease: 1\nSummary: x\nLicense: MIT\n%description\nx\n%files\n");
        scratch.Write("poetry.lock", $"[[package]]\nname = \"greeter\"\nversion = \"{locked}\"\ndescription = \"\"\noptional = false\npython-versions = \"*\"\nfiles = []\n\n[metadata]\nlock-version = \"2.1\"\npython-versions = \"*\"\ncontent-hash = \"{new string('0', 64)}\"\n");
        scratch.Write("VERSION", version + "\n");
        scratch.Write("package.json", $"{{\n  \"version\": \"{package}\"\n}}\n");
        return scratch;
    }

    private Task<Outcome> RunAsync(Scratch scratch, params string[] words) => BuiltTool.RunAsync(scratch.Root, Ct, ["spec", "check", .. words]);
}
