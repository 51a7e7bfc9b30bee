using System.Collections.Immutable;
using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>Asks a credential helper for the login at a server.</summary>
/// <param name="helper">Its name, without <c>docker-credential-</c>; a plain file name.</param>
/// <param name="server">The server as docker spells it.</param>
/// <param name="ct">Ends the wait.</param>
/// <returns>What it printed; empty when it has no login for this server.</returns>
public delegate Task<ReadOnlyMemory<byte>> HelperQuestion(string helper, string server, CancellationToken ct);

/// <summary>
/// The logins that <c>podman login</c> and <c>docker login</c> keep (containers-auth.json(5), docker's config.json). They are read when a
/// registry asks for one. A file or helper that cannot be read ends nothing, because most images are public: the reason is told when the
/// registry does not let us in.
/// </summary>
/// <param name="files">In order; the first that has a login counts. Those that do not exist are passed over.</param>
/// <param name="askHelper">Runs a credential helper.</param>
public sealed class RegistryLogins(ImmutableArray<string> files, HelperQuestion askHelper)
{
    private const int SizeLimit = 1024 * 1024;

    /// <summary>Nobody is logged in anywhere.</summary>
    public static RegistryLogins None { get; } = new([], (_, _, _) => Task.FromResult(ReadOnlyMemory<byte>.Empty));

    /// <summary>The files of this user, podman's before docker's; with <c>REGISTRY_AUTH_FILE</c> that one alone.</summary>
    /// <param name="variable">Gives a variable of the environment.</param>
    public static ImmutableArray<string> FilesOf(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (Told("REGISTRY_AUTH_FILE") is { } only)
        {
            return [only];
        }

        var home = Told("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return
        [
            Path.Combine(Told("XDG_RUNTIME_DIR") ?? $"/run/containers/{Libc.Self}", Told("XDG_RUNTIME_DIR") is null ? "auth.json" : "containers/auth.json"),
            Path.Combine(Told("XDG_CONFIG_HOME") ?? Path.Combine(home, ".config"), "containers/auth.json"),
            Path.Combine(Told("DOCKER_CONFIG") ?? Path.Combine(home, ".docker"), "config.json"),
        ];

        string? Told(string name) => variable(name) is { Length: > 0 } value ? value : null;
    }

    /// <summary>The login for a repository.</summary>
    internal async Task<FoundLogin> FindAsync(RegistryReference reference, CancellationToken ct)
    {
        var notes = new List<string>();
        foreach (var file in files)
        {
            try
            {
                if (await ReadAsync(file, ct) is { } json && await FindAsync(json, reference, ct) is { } login)
                {
                    return new(login, $"the login of '{file}' was used");
                }
            }
            catch (ReleaseException ex)
            {
                // The JSON reader's own words could have a piece of a secret in them.
                notes.Add(ex.Fault == Fault.ImageMalformed ? $"'{file}', or what its helper answered, is no login document" : ex.Message.TrimEnd('.'));
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or FormatException)
            {
                notes.Add($"'{file}' cannot be read{(ex is FormatException ? ": its entry is not the base64 of name:password" : "")}");
            }
        }

        return new(null, notes.Count > 0 ? $"no login was found: {string.Join("; ", notes)}" : $"no login for {reference.Registry} was found");
    }

    private static async Task<OciJson?> ReadAsync(string path, CancellationToken ct)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        await using var file = File.OpenRead(path);
        var bytes = new byte[SizeLimit];
        var count = await file.ReadAtLeastAsync(bytes, SizeLimit, throwOnEndOfStream: false, ct);
        return count < SizeLimit ? OciJson.ParseObject("login file", bytes.AsMemory(0, count)) : throw new IOException("too large");
    }

    /// <summary>The most specific key of a file: the repository, its namespaces, the host.</summary>
    private async Task<RegistryLogin?> FindAsync(OciJson json, RegistryReference reference, CancellationToken ct)
    {
        var auths = json.Find("auths")?.AsObject();
        for (var name = $"{reference.Registry}/{reference.Repository}"; name.Contains('/', StringComparison.Ordinal); name = name[..name.LastIndexOf('/')])
        {
            if (auths?.Find(name) is { } entry && RegistryLogin.OfEntry(entry) is { } login)
            {
                return login;
            }
        }

        var spellings = Spellings(reference.Registry);
        var helpers = json.Find("credHelpers")?.AsObject();
        foreach (var spelling in spellings)
        {
            if (helpers?.FindText(spelling) is { Length: > 0 } helper)
            {
                return await AskAsync(helper, reference, ct);
            }
        }

        foreach (var spelling in spellings)
        {
            if (auths?.Find(spelling) is { } entry && RegistryLogin.OfEntry(entry) is { } login)
            {
                return login;
            }
        }

        return json.FindText("credsStore") is { Length: > 0 } store ? await AskAsync(store, reference, ct) : null;
    }

    private async Task<RegistryLogin?> AskAsync(string helper, RegistryReference reference, CancellationToken ct)
    {
        if (SafeName.Refuse(helper) is { } why)
        {
            throw new ReleaseException(Fault.ToolMissing, $"The name of the credential helper '{Printable.Of(helper)}' {why}.");
        }

        var server = reference.Registry is RegistryReference.DockerHub ? RegistryReference.DockerHubServer : reference.Registry;
        var answer = await askHelper(helper, server, ct);
        return answer.IsEmpty ? null : RegistryLogin.OfHelper(OciJson.ParseObject("answer of a credential helper", answer));
    }

    /// <summary>docker writes URLs for the Hub and wrote them for every registry once.</summary>
    private static ImmutableArray<string> Spellings(string registry) => registry is RegistryReference.DockerHub
        ? [registry, RegistryReference.DockerHubServer, "index.docker.io", "https://index.docker.io/v1", "registry-1.docker.io"]
        : [registry, $"https://{registry}", $"https://{registry}/", $"https://{registry}/v1/", $"https://{registry}/v2/", $"http://{registry}"];
}
