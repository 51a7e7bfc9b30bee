using DotnetRelease.Http;

namespace DotnetRelease.Images;

/// <summary>How registries are reached.</summary>
/// <param name="Http">Opened only when one has to be asked.</param>
/// <param name="Logins">Read only when one asks for a login.</param>
internal sealed record RegistryAccess(Lazy<HttpDoor> Http, RegistryLogins Logins);
