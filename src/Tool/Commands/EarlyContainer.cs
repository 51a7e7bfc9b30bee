using DotnetRelease.Containers;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Commands;

/// <summary>
/// A container takes as long to start as this program does, and what it is for does not matter to its start. So for <c>run</c> both start
/// together; when the command line turns out to be wrong, it ends with us before it has done anything.
/// </summary>
/// <param name="Begun">The container, or why there can be none.</param>
internal sealed record EarlyContainer(Task<Container> Begun)
{
    /// <summary>The container of a <c>run</c>, or null for every other command line.</summary>
    public static EarlyContainer? For(string[] args) =>
        OperatingSystem.IsLinux() && args is ["run", _, ..] && !args.TakeWhile(word => word is not "--").Any(NamesEngine) ? new(Task.Run(() => new EmbeddedEngine(Places.FromEnvironment()).Begin())) : null;

    private static bool NamesEngine(string word) => word is "--engine" || word.StartsWith("--engine=", StringComparison.Ordinal);
}
