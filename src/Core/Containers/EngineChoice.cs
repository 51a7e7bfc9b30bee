using DotnetRelease.Storage;

namespace DotnetRelease.Containers;

/// <summary>Which engine, and where it runs.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Host">A URL, or for podman also the name of one of its connections; null: this machine.</param>
public sealed record EngineChoice(EngineKind Kind, string? Host = null)
{
    private static readonly string[] Schemes = ["ssh://", "unix://", "tcp://"];

    /// <summary>What is taken when nobody chooses: the embedded one where it can run, else podman.</summary>
    public static EngineChoice Default { get; } = new(OperatingSystem.IsLinux() ? EngineKind.Embedded : EngineKind.Podman);

    /// <summary>The engines as users write them.</summary>
    public static IReadOnlyList<string> Names { get; } = [NameOf(EngineKind.Embedded), NameOf(EngineKind.Podman), NameOf(EngineKind.Docker)];

    /// <summary>Reads <c>embedded</c>, <c>podman</c> or <c>docker</c>.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>.</exception>
    public static EngineChoice Parse(string name) =>
        Enum.GetValues<EngineKind>().Where(kind => string.Equals(NameOf(kind), name, StringComparison.Ordinal)).ToList() is [var only]
            ? new(only)
            : throw new ReleaseException(Fault.Usage, $"'{name}' is no container engine.") { Remedy = $"Known: {string.Join(", ", Names)}." };

    /// <summary>The same engine on another machine; the embedded one works only here, so podman takes its place.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/> when the engine cannot be told to go there.</exception>
    public EngineChoice At(string? host)
    {
        if (host is null)
        {
            return this;
        }

        var kind = Kind is EngineKind.Embedded ? EngineKind.Podman : Kind;
        return kind is EngineKind.Podman || IsUrl(host)
            ? new(kind, host)
            : throw new ReleaseException(Fault.Usage, $"docker needs a URL to go to, and '{host}' is none.") { Remedy = "Write ssh://USER@HOST, or choose podman, which also knows connections by name." };
    }

    /// <summary>The engine itself. Nothing is started yet.</summary>
    /// <param name="places">Where the embedded one keeps its files.</param>
    public IContainerEngine Open(Places places) => Kind switch
    {
        EngineKind.Embedded => new EmbeddedEngine(places),
        EngineKind.Podman => new CommandLineEngine(EngineProgram.Podman(Host)),
        _ => new CommandLineEngine(EngineProgram.Docker(Host)),
    };

    /// <summary>As it is told to users: <c>podman at ssh://builder@example.org</c>.</summary>
    public override string ToString() => Host is null ? NameOf(Kind) : $"{NameOf(Kind)} at {Host}";

    /// <summary>What it means for a build, for a user who reads it before the build starts.</summary>
    public string Describe() => Host is null
        ? $"built with {this}"
        : $"built with {this}; image, spec and sources are copied there, and packages back";

    internal static bool IsUrl(string host) => Schemes.Any(scheme => host.StartsWith(scheme, StringComparison.Ordinal));

    private static string NameOf(EngineKind kind) => kind switch
    {
        EngineKind.Embedded => "embedded",
        EngineKind.Podman => "podman",
        _ => "docker",
    };
}
