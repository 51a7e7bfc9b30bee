using System.Collections.Immutable;

namespace DotnetRelease.Containers;

/// <summary>What killed runs left with an engine: containers (which may even go on), volumes, and the images between two commands.</summary>
/// <param name="program">The engine.</param>
internal sealed class EngineLeftovers(EngineProgram program)
{
    private const string Label = $"label={CommandLineEngine.Label}";

    /// <summary>Finds and removes them. This is also the first talk with the engine, which shows that it is there.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.EngineFailed"/> or <see cref="Fault.ToolMissing"/> when it cannot be asked.</exception>
    internal async Task RemoveAsync(CancellationToken ct)
    {
        // Nearly always there is nothing, so the questions are what takes time.
        var found = await Task.WhenAll(
            FindAsync(["ps", "--all", "--filter", Label, "--format", "{{.Names}}"], ct),
            FindAsync(["volume", "ls", "--filter", Label, "--format", "{{.Name}}"], ct),
            FindAsync(["images", "--filter", $"reference={CommandLineEngine.StepRepository}", "--format", "{{.Tag}}"], ct));
        await RemoveAsync(["rm", "--force", "--volumes"], found[0], ct);
        await RemoveAsync(["volume", "rm", "--force"], found[1], ct);
        await RemoveAsync(["rmi", "--force"], [.. found[2].Select(tag => $"{CommandLineEngine.StepRepository}:{tag}")], ct);
    }

    private async Task<ImmutableArray<string>> FindAsync(ImmutableArray<string> question, CancellationToken ct)
    {
        var names = await program.ReadAsync(question, ct);
        return [.. names.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(EngineOwner.IsAbandoned)];
    }

    /// <summary>One by one: somebody else may be removing the same at this moment.</summary>
    private async Task RemoveAsync(ImmutableArray<string> how, ImmutableArray<string> names, CancellationToken ct)
    {
        foreach (var name in names)
        {
            await program.TryAsync([.. how, name], ct);
        }
    }
}
