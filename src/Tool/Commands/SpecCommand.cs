using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>spec</c>: what can be done with specs.</summary>
internal static class SpecCommand
{
    public static Command Create() => new Verb("spec", "Work with the specs of the project.", "dotnet release spec update --dry-run")
    {
        SpecUpdateCommand.Create(),
        SpecNewCommand.Create(),
        SpecCheckCommand.Create(),
    };
}
