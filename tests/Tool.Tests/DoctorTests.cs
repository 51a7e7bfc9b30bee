using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary><c>doctor</c> as a process, on this machine as it is and with something taken away.</summary>
[TestClass]
public sealed class DoctorTests(TestContext test)
{
    private const int Patience = 120_000;
    private const string Canary = "ghp_CANARY0123456789abcdefghijklmnopqrstuv";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_program_that_is_missing_ends_it_with_5_and_the_line_that_installs_it()
    {
        using var scratch = new Scratch();
        foreach (var program in (string[])["git", "gpg", "gpgconf", "unshare", "setpriv"])
        {
            File.CreateSymbolicLink(Path.Combine(scratch.Folder("bin"), program), Exec.Find(program)!);
        }

        var run = BuiltTool.Command(scratch.Root, "doctor").With("PATH", scratch["bin"]);
        var words = await Exec.RunAsync(run, Ct);
        var json = await Exec.RunAsync(run with { Arguments = [.. run.Arguments, "--json"] }, Ct);

        Assert.AreEqual(5, words.ExitCode, words.Error);
        StringAssert.Matches(words.Output, new(@"fails +bubblewrap +not installed.*\n +fix: sudo (apt-get|dnf|zypper) install bubblewrap"));
        Assert.Contains("Needed and not working: bubblewrap, ", words.Output, StringComparison.Ordinal);
        Assert.AreEqual(5, json.ExitCode, json.Error);
        var document = BuiltTool.Json(json);
        Assert.AreEqual((1, false), (document.GetProperty("schema").GetInt32(), document.GetProperty("ok").GetBoolean()));
        var bubblewrap = document.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() is "bubblewrap");
        Assert.AreEqual((false, true), (bubblewrap.GetProperty("ok").GetBoolean(), bubblewrap.GetProperty("needed").GetBoolean()));
        Assert.EndsWith(" install bubblewrap", bubblewrap.GetProperty("fix").GetString()!, StringComparison.Ordinal);
    }

    /// <summary>Nobody can make a namespace inside one whose own limit is 0.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Where_namespaces_are_forbidden_the_switch_is_named()
    {
        using var scratch = new Scratch();
        var tool = BuiltTool.Command(scratch.Root);

        var outcome = await Exec.RunAsync(
            tool with { Program = "unshare", Arguments = ["--user", "--map-root-user", "sh", "-c", "echo 0 >/proc/sys/user/max_user_namespaces && exec dotnet \"$0\" doctor", tool.Arguments[0]] }, Ct);

        Assert.AreEqual(5, outcome.ExitCode, outcome.Error);
        StringAssert.Matches(outcome.Output, new(@"fails +user namespaces .*user\.max_user_namespaces is 0\n +fix: sudo sysctl user\.max_user_namespaces=65536\n"));
        StringAssert.Matches(outcome.Output, new("fails +sandbox +not tried, because of user namespaces"));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_token_is_present_and_never_shown_and_another_engine_makes_the_embedded_one_optional()
    {
        using var scratch = new Scratch();
        scratch.Write("release.toml", "[project]\nname = \"demo\"\n[build]\nengine = \"docker\"\n");

        var outcome = await Exec.RunAsync(BuiltTool.Command(scratch.Root, "doctor", "-v").With("GITHUB_TOKEN", Canary).With("PATH", scratch.Folder("bin")), Ct);

        StringAssert.Matches(outcome.Output, new("ok +GitHub token +for github.com, from GITHUB_TOKEN"));
        Assert.DoesNotContain(Canary, outcome.Output + outcome.Error, StringComparison.Ordinal);
        StringAssert.Matches(outcome.Output, new("fails +docker +not installed"));
        StringAssert.Matches(outcome.Output, new("optional +bubblewrap +not installed"));
        Assert.AreEqual(5, outcome.ExitCode, outcome.Error);
    }
}
