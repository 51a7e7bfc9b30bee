using System.Collections.Immutable;
using DotnetRelease.Images;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs;

/// <summary>What a project's settings say about registries, in the words of the room that asks them.</summary>
public static class RegistryRulesOf
{
    /// <summary>Of settings that were read.</summary>
    public static RegistryRules Settings(Settings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new RegistryRules
        {
            Mirrors = settings.Registries.ToImmutableDictionary(registry => registry.Name, registry => registry.Mirrors, StringComparer.Ordinal),
            TokenServers = settings.Registries.ToImmutableDictionary(registry => registry.Name, registry => registry.TokenServers, StringComparer.Ordinal),
        };
    }

    /// <summary>Of the project that somebody stands in, read when it is needed: a command for images works without a project too.</summary>
    /// <param name="folder">Full path of the folder the user works in.</param>
    /// <param name="config">Path of a settings file relative to it, or null.</param>
    public static Lazy<RegistryRules> Project(string folder, string? config) => new(() =>
        Workspace.TryOpenAsync(folder, config, CancellationToken.None).GetAwaiter().GetResult() is { } workspace ? Settings(workspace.Settings) : RegistryRules.None);
}
