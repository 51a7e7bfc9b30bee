using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>Canaries as tokens, searched for in whatever a run leaves or shows; cases 80 to 84.</summary>
[TestClass]
public sealed class GitHubSecretTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [DataRow(false, DisplayName = "in the environment")]
    [DataRow(true, DisplayName = "in a file")]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task The_token_is_in_no_output_no_file_and_no_child(bool isFile)
    {
        await using var project = await GitHubProject.CreateAsync();
        using var scratch = new Scratch();
        var children = scratch["children.log"];
        foreach (var program in (string[])["git", "gpg", "gpgconf", "gh"])
        {
            Wrap(scratch, program, children);
        }

        // The server echoes everything it gets, into a failure (case 83).
        project.Server.Misbehave = async (request, answer) =>
        {
            if (request.Method is not "PATCH")
            {
                return false;
            }

            _ = await answer.BodyAsync();
            var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"x-access-token:{project.Server.Token}"));
            await FakeGitHub.ErrorAsync(answer, "400 Bad Request", $"{request["Authorization"]} {credentials} {Uri.EscapeDataString(project.Server.Token)}");
            return true;
        };
        string[] arguments = ["github", "upload", "--publish", "-v", "--json", .. isFile ? (string[])["--token-file", project.TokenFile()] : []];
        var command = (isFile ? project.Stranger(arguments) : project.Command(arguments))
            .With("PATH", $"{scratch.Folder("bin")}:{Environment.GetEnvironmentVariable("PATH")}").With("TMPDIR", scratch.Folder("tmp"));

        var outcome = await Exec.RunAsync(command, Ct);

        Assert.AreEqual(6, outcome.ExitCode, outcome.Error);
        Assert.Contains("Bearer ***", outcome.Error, StringComparison.Ordinal, "case 83");
        AssertClean(outcome.Output, "stdout (case 81)");
        AssertClean(outcome.Error, "stderr (case 81)");
        AssertClean(await File.ReadAllTextAsync(children, Ct), "arguments and environments of children (case 82)");
        Assert.Contains("gpg ", await File.ReadAllTextAsync(children, Ct), StringComparison.Ordinal, "the children were seen");
        foreach (var file in Files(project.Root).Concat(Files(project.Home)).Concat(Files(scratch.Root)).Where(path => path != project.PathOf("token")))
        {
            AssertClean(await File.ReadAllTextAsync(file, Encoding.Latin1, Ct), file);
        }

        void AssertClean(string text, string where)
        {
            Assert.DoesNotContain(project.Server.Token, text, StringComparison.Ordinal, where);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(project.Server.Token))[..24], text, StringComparison.Ordinal, where);
        }
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_token_file_that_others_can_read_is_not_used()
    {
        await using var project = await GitHubProject.CreateAsync();
        var path = project.TokenFile(mode: UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        var outcome = await project.RunAsync(Ct, "github", "upload", "--token-file", path);

        Assert.AreEqual(5, outcome.ExitCode, "case 84");
        Assert.Contains($"chmod 600 '{path}'", outcome.Error, StringComparison.Ordinal);
        Assert.IsEmpty(project.Server.Requests);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Without_a_token_anywhere_the_ways_to_give_one_are_named()
    {
        await using var project = await GitHubProject.CreateAsync();
        using var scratch = new Scratch();
        Script(scratch, "gh", "exit 1");

        var outcome = await Exec.RunAsync(project.Stranger("github", "upload").With("PATH", $"{scratch.Folder("bin")}:{Environment.GetEnvironmentVariable("PATH")}"), Ct);

        Assert.AreEqual(6, outcome.ExitCode);
        Assert.Contains("GITHUB_TOKEN or GH_TOKEN", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("--token-file FILE", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task What_gh_has_for_the_host_is_used_when_there_is_nothing_else()
    {
        await using var project = await GitHubProject.CreateAsync();
        using var scratch = new Scratch();
        Script(scratch, "gh", $"[ \"$*\" = 'auth token --hostname 127.0.0.1' ] && echo {project.Server.Token}");

        var outcome = await Exec.RunAsync(project.Stranger("github", "upload").With("PATH", $"{scratch.Folder("bin")}:{Environment.GetEnvironmentVariable("PATH")}"), Ct);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task An_expired_token_is_named_by_where_it_came_from()
    {
        await using var project = await GitHubProject.CreateAsync();

        var outcome = await Exec.RunAsync(project.Stranger("github", "upload").With("GH_TOKEN", "CANARY_expired_0123456789"), Ct);

        Assert.AreEqual(6, outcome.ExitCode, "case 80");
        Assert.Contains("the token from GH_TOKEN is not valid", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", outcome.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device });

    private static void Wrap(Scratch scratch, string program, string log)
    {
        var real = Exec.Find(program);
        Script(scratch, program, $$"""
            { echo "{{program}} $*"; env; } >>'{{log}}'
            {{(real is null ? "exit 1" : $"exec '{real}' \"$@\"")}}
            """);
    }

    private static void Script(Scratch scratch, string name, string text)
    {
        var path = scratch.Write($"bin/{name}", "#!/bin/sh\n" + text + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
