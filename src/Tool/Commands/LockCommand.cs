using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>lock</c>: what can be done with <c>release.lock</c>.</summary>
internal static class LockCommand
{
    public static Command Create() => new Verb("lock", "Work with release.lock, which pins images and the packages of build roots.", "dotnet release lock update --dry-run")
    {
        LockUpdateCommand.Create(),
    };
}
