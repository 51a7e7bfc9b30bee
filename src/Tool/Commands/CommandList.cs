using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary>Every command, in the order of a release.</summary>
internal static class CommandList
{
    public static IEnumerable<Command> All(EarlyContainer? early) =>
    [
        RunCommand.Create(early),
    ];
}
