using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo</c>: the life of a repository besides publishing.</summary>
internal static class RepoCommand
{
    public static Command Create() => new Verb(
        "repo",
        "Create, list, check, promote, roll back, prune, unlock and serve dnf repositories.",
        "dotnet release repo init --to qa",
        "dotnet release repo promote qa prod --dry-run",
        "dotnet release repo verify prod")
    {
        RepoInitCommand.Create(),
        RepoListCommand.Create(),
        RepoVerifyCommand.Create(),
        RepoPromoteCommand.Create(),
        RepoRollbackCommand.Create(),
        RepoWithdrawCommand.Create(),
        RepoPruneCommand.Create(),
        RepoRefreshCommand.Create(),
        RepoUnlockCommand.Create(),
        RepoServeCommand.Create(),
        ReleaseRpmCommand.Create(),
    };
}
