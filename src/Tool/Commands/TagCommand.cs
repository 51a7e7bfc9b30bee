using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>tag</c>: what can be done with release tags.</summary>
internal static class TagCommand
{
    public static Command Create() => new Verb("tag", "Work with signed release tags.", "dotnet release tag verify v1.2.0")
    {
        TagVerifyCommand.Create(),
    };
}
