using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo</c>: what can be done with repositories.</summary>
internal static class RepoCommand
{
    public static Command Create() => new Verb("repo", "Work with the repositories of the settings.", "dotnet release repo unlock 0f8fad5bd9cb469fa165708673b8a4b2")
    {
        RepoUnlockCommand.Create(),
    };
}
