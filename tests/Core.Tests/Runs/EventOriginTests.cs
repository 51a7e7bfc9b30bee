using DotnetRelease.Fixtures;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

/// <summary>Cases 87 and 88: what a stranger proposes is never met by a key or a token.</summary>
[TestClass]
public sealed class EventOriginTests(TestContext test)
{
    private const int Patience = 60_000;
    private const string Own = """{"pull_request":{"head":{"repo":{"full_name":"Owner/project"}},"base":{"repo":{"full_name":"owner/project"}}}}""";
    private const string Fork = """{"pull_request":{"head":{"repo":{"full_name":"stranger/project"}},"base":{"repo":{"full_name":"owner/project"}}}}""";
    private const string Gone = """{"pull_request":{"head":{"repo":null},"base":{"repo":{"full_name":"owner/project"}}}}""";
    private const string RunOfFork = """{"repository":{"full_name":"owner/project"},"workflow_run":{"event":"pull_request","head_repository":{"full_name":"stranger/project"},"repository":{"full_name":"owner/project"}}}""";
    private const string RunOfOwn = """{"repository":{"full_name":"owner/project"},"workflow_run":{"event":"push","head_repository":{"full_name":"owner/project"},"repository":{"full_name":"owner/project"}}}""";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("pull_request", Fork, "stranger/project, which is not owner/project")]
    [DataRow("pull_request", Gone, "a repository that is gone")]
    [DataRow("pull_request_review", Fork, "stranger/project")]
    [DataRow("pull_request_target", Fork, "stranger/project")]
    [DataRow("workflow_run", RunOfFork, "stranger/project")]
    [DataRow("pull_request", "{}", "does not say which repository")]
    [DataRow("pull_request", "<html>", "does not say which repository")]
    [DataRow("pull_request", "[]", "does not say which repository")]
    [DataRow("pull_request", """{"pull_request":{"head":{"repo":{"full_name":7}},"base":{"repo":{"full_name":"a/b"}}}}""", "does not say which repository")]
    [DataRow("pull_request_target", null, "does not say which repository")]
    public async Task What_comes_from_a_fork_or_from_nobody_knows_where_is_not_trusted(string name, string? payload, string reason)
    {
        using var project = await ProjectAsync(payload);

        Assert.Contains(reason, await DistrustAsync(project, name, project.Commit) ?? "", StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("pull_request_target", Own)]
    [DataRow("workflow_run", RunOfOwn)]
    [DataRow("issue_comment", "{}")]
    public async Task An_event_with_secrets_wants_the_projects_own_commit(string name, string payload)
    {
        using var project = await ProjectAsync(payload);

        Assert.IsNull(await DistrustAsync(project, name, project.Commit));
        Assert.Contains("runs with the project's secrets", await DistrustAsync(project, name, new string('a', 40)) ?? "", StringComparison.Ordinal);
        Assert.Contains("runs with the project's secrets", await DistrustAsync(project, name, null) ?? "", StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("pull_request_target", Own)]
    [DataRow("issue_comment", "{}")]
    public async Task Files_of_no_commit_are_not_trusted_there(string name, string payload)
    {
        using var project = await ProjectAsync(payload);
        using var downloaded = new Scratch();

        Assert.IsNotNull(await new EventOrigin(name, Path.Combine(project.Git.Root, "event.json"), project.Commit).DistrustAsync(downloaded.Root, Ct));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("push", null)]
    [DataRow("workflow_dispatch", "{}")]
    [DataRow("schedule", "{}")]
    [DataRow("pull_request", Own)]
    public async Task What_only_the_project_can_cause_is_trusted(string name, string? payload)
    {
        using var project = await ProjectAsync(payload);

        Assert.IsNull(await DistrustAsync(project, name, "of another ref"));
    }

    private Task<string?> DistrustAsync(Project project, string name, string? commit) =>
        new EventOrigin(name, Path.Combine(project.Git.Root, "event.json"), commit).DistrustAsync(project.Git.Root, Ct);

    private static async Task<Project> ProjectAsync(string? payload)
    {
        var git = await GitProject.CreateAsync();
        var commit = await git.CommitAsync("README", "x");
        git.Write("event.json", payload);
        return new Project(git, commit);
    }

    private sealed record Project(GitProject Git, string Commit) : IDisposable
    {
        public void Dispose() => Git.Dispose();
    }
}
