using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>Cases 87 and 88 at the door: in the event of a stranger the tool builds, and neither signs nor publishes.</summary>
[TestClass]
public sealed class ForkTests(TestContext test)
{
    private const int Patience = 120_000;
    private const string Fork = """{"pull_request":{"head":{"repo":{"full_name":"stranger/project"}},"base":{"repo":{"full_name":"owner/project"}}}}""";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("pull_request", "sign", "x.rpm", "--key", "DE28AB241FA48260FAC9B8BAA7C9B38522604281")]
    [DataRow("pull_request", "publish")]
    [DataRow("pull_request", "rpm", "--sign")]
    [DataRow("pull_request", "rpm", "collect", "--sign", ".")]
    [DataRow("pull_request", "ship", "--tag", "v1")]
    [DataRow("pull_request", "upload-asset", "release.toml", "--tag", "v1")]
    [DataRow("pull_request_target", "publish")]
    [DataRow("pull_request_target", "sign", "x.rpm")]
    public async Task What_needs_a_key_or_a_token_ends_with_6_and_the_event(string name, params string[] command)
    {
        using var project = Project();

        var outcome = await RunAsync(project, name, command);

        Assert.AreEqual(6, outcome.ExitCode, outcome.Error);
        Assert.StartsWith($"dotnet-release : error REL0014 : '{(command switch { ["rpm", "collect", ..] => "rpm collect --sign", ["rpm", ..] => "rpm --sign", _ => command[0] })}' does not run in the event '{name}': the changes come from stranger/project", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("github", "upload", "release.toml", "--tag", "v1")]
    [DataRow("github", "seal", "release.toml", "--tag", "v1")]
    [DataRow("repo", "init")]
    [DataRow("repo", "refresh", "qa")]
    [DataRow("repo", "rollback", "qa")]
    [DataRow("repo", "unlock", "0f8fad5bd9cb469fa165708673b8a4b2")]
    public async Task Releases_on_GitHub_and_repositories_are_left_alone_too(params string[] command)
    {
        using var project = Project();

        var outcome = await RunAsync(project, "pull_request", command);

        Assert.AreEqual(6, outcome.ExitCode, outcome.Error);
        Assert.StartsWith($"dotnet-release : error REL0014 : '{command[0]} {command[1]}' does not run in the event 'pull_request'", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("detect", "--from", "poetry.lock", "--to", "poetry.lock")]
    [DataRow("plan", "--explain")]
    [DataRow("rpm", "--dry-run")]
    [DataRow("rpm")]
    public async Task Looking_planning_and_building_work(params string[] command)
    {
        using var project = Project();

        var outcome = await RunAsync(project, "pull_request", command);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
    }

    private Task<Outcome> RunAsync(Scratch project, string name, string[] command) => Exec.RunAsync(
        BuiltTool.Command(project.Root, command).With("GITHUB_EVENT_NAME", name).With("GITHUB_EVENT_PATH", project["event.json"]).With("GITHUB_SHA", new string('a', 40)), Ct);

    private static Scratch Project()
    {
        var project = new Scratch();
        project.Write("event.json", Fork);
        project.Write("poetry.lock", "[metadata]\nlock-version = \"2.1\"\ncontent-hash = \"x\"\n");
        project.Write("release.toml", """
            [project]
            name = "hello"
            lockfiles = []
            [signing]
            key = "DE28AB241FA48260FAC9B8BAA7C9B38522604281"
            [repository.qa]
            url = "file:repo"
            [target.fedora-43]
            image = "registry.example.org/fedora:43"
            """);
        return project;
    }
}
