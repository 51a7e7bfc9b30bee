namespace DotnetRelease.Containers;

/// <summary>What killed runs left with an engine: containers (which may even go on), volumes, and the images between two commands.</summary>
/// <param name="program">The engine.</param>
internal sealed class EngineLeftovers(EngineProgram program)
{
    /// <summary>Finds and removes them. This is also the first talk with the engine, which shows that it is there.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.EngineFailed"/> or <see cref="Fault.ToolMissing"/> when it cannot be asked.</exception>
    internal async Task RemoveAsync(CancellationToken ct)
    {
        var label = $"label={CommandLineEngine.Label}";
        await Task.WhenAll(
            RemoveAsync("ps --all --filter", label, "{{.Names}}", "rm --force --volumes"),
            RemoveAsync("images --filter", $"reference={CommandLineEngine.StepRepository}", "{{.Tag}}", "rmi --force", $"{CommandLineEngine.StepRepository}:"));
        await RemoveAsync("volume ls --filter", label, "{{.Name}}", "volume rm --force");

        async Task RemoveAsync(string list, string filter, string format, string remove, string prefix = "")
        {
            var names = await program.ReadAsync([.. list.Split(' '), filter, "--format", format], ct);
            foreach (var name in names.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(EngineOwner.IsAbandoned))
            {
                // Somebody else may be removing it at the same moment.
                await program.TryAsync([.. remove.Split(' '), prefix + name], ct);
            }
        }
    }
}
