using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using DotnetRelease.Processes;

namespace DotnetRelease.Repositories.Ssh;

/// <summary>A folder behind ssh: <c>ssh://[USER@]HOST[:PORT]/PATH</c>; <c>/~/PATH</c> starts at the user's home.</summary>
/// <param name="Host">A name, an address, or an alias of the user's ssh configuration.</param>
/// <param name="Path">Absolute, or relative to the home; without a slash at the end.</param>
public sealed partial record SshAddress(string Host, string Path) : StoreAddress
{
    /// <summary>Names a configuration file instead of the user's own, such as one that a CI job has made.</summary>
    public const string ConfigVariable = "DOTNET_RELEASE_SSH_CONFIG";

    private const string Home = "/~/";

    /// <summary>Whom to sign in as; null: ssh decides.</summary>
    public string? User { get; init; }

    /// <summary>Null: ssh decides.</summary>
    public int? Port { get; init; }

    /// <summary>ssh's <c>-F</c>; null: the user's own configuration.</summary>
    public string? Config { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"ssh://{(User is null ? "" : User + "@")}{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}{(Port is { } port ? string.Create(CultureInfo.InvariantCulture, $":{port}") : "")}{(Path.StartsWith('/') ? Path : Home + Path)}";

    /// <summary>Reads a URL of the scheme.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SettingsInvalid"/>.</exception>
    internal static SshAddress Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Query.Length > 0 || url.Fragment.Length > 0 || !SafeWord().IsMatch(url.DnsSafeHost)
            || (url.UserInfo.Length > 0 && !SafeWord().IsMatch(url.UserInfo)))
        {
            throw new ReleaseException(Fault.SettingsInvalid, $"'{text}' has to be ssh://[USER@]HOST[:PORT]/PATH.");
        }

        var path = Uri.UnescapeDataString(url.AbsolutePath);
        path = path.StartsWith(Home, StringComparison.Ordinal) ? path[Home.Length..] : path;
        if (path.Trim('/').Length is 0 || path.Any(char.IsControl))
        {
            throw new ReleaseException(Fault.SettingsInvalid, $"'{text}' has to name a folder: ssh://HOST/PATH, or ssh://HOST/~/PATH below the home.");
        }

        return new SshAddress(url.DnsSafeHost, path.TrimEnd('/'))
        {
            User = url.UserInfo.Length > 0 ? url.UserInfo : null,
            Port = url.Port > 0 ? url.Port : null,
            Config = Environment.GetEnvironmentVariable(ConfigVariable) is { Length: > 0 } config ? config : null,
        };
    }

    /// <inheritdoc/>
    internal override StoreAddress Below(string layout) => layout.Length is 0 ? this : this with { Path = $"{Path}/{layout}" };

    /// <inheritdoc/>
    internal override IRepositoryStore Open() => new SftpStore(this);

    /// <summary>
    /// ssh as a tunnel to the server's SFTP: nobody is asked, a key that is not known is refused and none is learned, and nothing of ours is
    /// forwarded. What is not said here is the user's configuration. In a session of its own, so that Ctrl-C ends us and not the line
    /// over which we give the lock back.
    /// </summary>
    internal Command Command()
    {
        var ssh = Exec.Find("ssh") ?? throw new ReleaseException(Fault.ToolMissing, "The program 'ssh' is not installed.") { Remedy = "Install it: apt-get install openssh-client, or dnf install openssh-clients." };
        ImmutableArray<string> arguments =
        [
            .. Config is null ? (string[])[] : ["-F", Config],
            .. Options("BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes"),
            .. Options("PermitLocalCommand=no", "ConnectTimeout=30", "ServerAliveInterval=15", "ServerAliveCountMax=4"),
            .. Port is { } port ? (string[])["-p", port.ToString(CultureInfo.InvariantCulture)] : [],
            .. User is null ? (string[])[] : ["-l", User],
            "-s", "--", Host, "sftp",
        ];
        return Exec.Find("setsid") is { } setsid ? new Command(setsid, [ssh, .. arguments]) : new Command(ssh, arguments);
    }

    /// <summary>What a person types to see the same.</summary>
    internal string ByHand() => $"sftp {(Config is null ? "" : $"-F {Config} ")}{(Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"-P {port} ") : "")}{(User is null ? "" : User + "@")}{Host}";

    private static ImmutableArray<string> Options(params string[] options) => [.. options.SelectMany(option => (string[])["-o", option])];

    /// <summary>Nothing that ssh could take for an option, and nothing that it expands.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9_:][A-Za-z0-9._:-]{0,254}\z")]
    private static partial Regex SafeWord();
}
