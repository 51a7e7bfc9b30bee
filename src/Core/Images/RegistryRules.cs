using System.Collections.Immutable;

namespace DotnetRelease.Images;

/// <summary>What a project says about registries, by the registry's name as references write it.</summary>
public sealed record RegistryRules
{
    /// <summary>Nothing said.</summary>
    public static RegistryRules None { get; } = new();

    /// <summary><c>host[:port][/folder]</c> of places that have the same images, in the order in which they are asked.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Mirrors { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary><c>host[:port]</c> of token servers that may see the login of the registry, besides its own host.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> TokenServers { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>The same repository at each mirror.</summary>
    internal IEnumerable<RegistryReference> MirrorsOf(RegistryReference reference)
    {
        foreach (var mirror in Mirrors.GetValueOrDefault(reference.Registry, []))
        {
            var slash = mirror.IndexOf('/', StringComparison.Ordinal);
            var (host, folder) = slash < 0 ? (mirror, "") : (mirror[..slash], mirror[(slash + 1)..] + "/");
            yield return new RegistryReference(host, folder + reference.Repository, reference.Tag, reference.WrittenDigest);
        }
    }

    /// <summary>Whether the project names a token server of a registry.</summary>
    internal bool Trusts(RegistryReference reference, Uri realm) =>
        TokenServers.GetValueOrDefault(reference.Registry, []).Contains(realm.Authority, StringComparer.OrdinalIgnoreCase);
}
