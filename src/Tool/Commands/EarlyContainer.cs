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
        OperatingSystem.IsLinux() && args is ["run", _, ..] && !NamesEngine(args) ? new(Begin()) : null;

    /// <summary>On this thread: another one would first have to be started. A failure is told to whoever wants the container.</summary>
    private static Task<Container> Begin()
    {
        try
        {
            return Task.FromResult(new EmbeddedEngine(Places.FromEnvironment()) { WaitsHere = true }.Begin());
        }
        catch (Exception ex)
        {
            return Task.FromException<Container>(ex);
        }
    }

    private static bool NamesEngine(string[] args)
    {
        foreach (var word in args)
        {
            if (word is "--")
            {
                return false;
            }

            if (word is "--engine" || word.StartsWith("--engine=", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
