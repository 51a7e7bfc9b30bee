namespace DotnetRelease.Images;

/// <summary>
/// Which token servers may see the login of a registry. The challenge chooses the server, and a proxy or a storage host may have written
/// it. Who owns a name cannot be told from its letters without the public suffix list, so nothing is guessed: the login goes to the
/// registry's own host and port, to a few servers that are known to be its, and to those that the project names. Anonymous tokens may come
/// from anywhere.
/// </summary>
internal static class RealmTrust
{
    /// <summary>Registries whose token server has another name, and has had it for years.</summary>
    private static readonly (string Registry, string Realm)[] Known =
    [
        ("registry-1.docker.io", "auth.docker.io"),
        ("registry.gitlab.com", "gitlab.com"),
        ("registry.digitalocean.com", "api.digitalocean.com"),
    ];

    /// <summary>Whether the login for <paramref name="reference"/> may be sent to <paramref name="realm"/>.</summary>
    internal static bool Covers(RegistryReference reference, Uri realm, RegistryRules rules)
    {
        var registry = reference.Endpoint;
        if (registry.Scheme != realm.Scheme)
        {
            return false;
        }

        return registry.Authority.Equals(realm.Authority, StringComparison.OrdinalIgnoreCase)
            || (registry.IsDefaultPort && realm.IsDefaultPort && Known.Contains((registry.IdnHost.ToLowerInvariant(), realm.IdnHost.ToLowerInvariant())))
            || rules.Trusts(reference, realm);
    }
}
