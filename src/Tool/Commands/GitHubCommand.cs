using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>github notes</c>, <c>github seal</c>, <c>github upload</c> and <c>github verify</c>.</summary>
internal static class GitHubCommand
{
    public static Option<string> Tag() => new("--tag") { HelpName = "tag", Description = "The tag that is released (default: of the CI job, or the only one at the current commit)." };

    public static Option<string> TokenFile() => new("--token-file") { HelpName = "file", Description = "File of mode 0600 with the token (default: GITHUB_TOKEN, GH_TOKEN, github.token-file, then 'gh auth token')." };

    public static Command Create() => new Verb(
        "github",
        "Releases on GitHub: notes, upload, verification.",
        "dotnet release github notes --tag v1.2.0",
        "dotnet release github upload --tag v1.2.0 --dry-run",
        "dotnet release github verify --tag v1.2.0 --key project.asc")
    {
        GitHubNotesCommand.Create(),
        GitHubSealCommand.Create(),
        GitHubUploadCommand.Create(),
        GitHubVerifyCommand.Create(),
    };
}
