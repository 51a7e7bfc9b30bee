using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>key</c>: what can be done with signing keys.</summary>
internal static class KeyCommand
{
    public static Command Create() => new Verb("key", "Work with signing keys.", "dotnet release key check")
    {
        KeyCheckCommand.Create(),
    };
}
