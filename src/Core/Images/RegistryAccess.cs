using DotnetRelease.Http;

namespace DotnetRelease.Images;

/// <summary>How registries are reached.</summary>
/// <param name="Http">Opened only when one has to be asked.</param>
/// <param name="Logins">Read only when one asks for a login.</param>
/// <param name="Rules">Mirrors and token servers; read only when one has to be asked.</param>
internal sealed record RegistryAccess(Lazy<HttpDoor> Http, RegistryLogins Logins, Lazy<RegistryRules> Rules)
{
    /// <summary>Another place is asked when this one fails, so one attempt is enough.</summary>
    internal bool HasAnother { get; init; }
}
