using System.Collections.Immutable;
using DotnetRelease.Processes;

namespace DotnetRelease.Containers;

/// <summary>The command line of podman or docker, which are the same but for what stands here.</summary>
/// <param name="Name">The program.</param>
internal sealed record EngineProgram(string Name)
{
    /// <summary>Before the name of the subcommand.</summary>
    internal ImmutableArray<string> Global { get; private init; } = [];

    /// <summary>For every container that is made.</summary>
    internal ImmutableArray<string> ForContainers { get; private init; } = [];

    /// <summary>After <c>/tmp:</c> of a fresh folder.</summary>
    internal string TemporaryFolderOptions { get; private init; } = "rw,exec,mode=1777";

    /// <summary>Whether it sees other files than we do, so that volumes have to be sent there.</summary>
    internal bool IsRemote { get; private init; }

    /// <summary>Whether it loads layers in zstd and xz; docker before version 23 knows no zstd, and needs a program for xz.</summary>
    internal bool ReadsEveryPacking { get; private init; }

    /// <summary>Whether a container starts without the variables that its image has; else they are taken away by name.</summary>
    internal bool ClearsVariables { get; private init; }

    /// <summary>The call that prints what its machine is, in the words of Go.</summary>
    internal ImmutableArray<string> AskArchitecture { get; private init; } = ["version", "--format", "{{.Server.Arch}}"];

    /// <summary>For the program itself; containers see nothing of it.</summary>
    internal ImmutableDictionary<string, string?> Environment { get; init; } = ImmutableDictionary<string, string?>.Empty;

    /// <param name="host">A URL or the name of a connection; null: as the user's environment says, which is mostly this machine.</param>
    internal static EngineProgram Podman(string? host)
    {
        var url = host is null ? Variable("CONTAINER_HOST") : EngineChoice.IsUrl(host) ? host : null;
        return new("podman")
        {
            Global = url is not null ? ["--url", url] : host is not null ? ["--connection", host] : [],

            // Nothing of this machine goes into a container by itself, and nothing that a command would not find in the embedded engine's.
            ForContainers = ["--http-proxy=false", "--no-hosts", "--systemd=false", "--image-volume", "ignore", "--unsetenv-all"],
            TemporaryFolderOptions = "rw,exec,mode=1777,notmpcopyup",
            IsRemote = host is not null || IsElsewhere(url),
            ReadsEveryPacking = true,
            ClearsVariables = true,
            AskArchitecture = ["info", "--format", "{{.Host.Arch}}"],
            Environment = Inherited("CONTAINER_SSHKEY"),
        };
    }

    /// <inheritdoc cref="Podman"/>
    internal static EngineProgram Docker(string? host)
    {
        var url = host ?? Variable("DOCKER_HOST");
        var environment = Inherited("DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY");
        return new("docker")
        {
            IsRemote = host is not null || IsElsewhere(url),
            Environment = url is null ? environment : environment.SetItem("DOCKER_HOST", url).Remove("DOCKER_CONTEXT"),
        };
    }

    /// <summary>A call, to be run later.</summary>
    internal Command Call(params IEnumerable<string> arguments) => new(Name, [.. Global, .. arguments]) { Environment = Environment };

    /// <summary>Calls it and gives what it printed.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.EngineFailed"/> with its words, <see cref="Fault.ToolMissing"/>.</exception>
    internal Task<string> ReadAsync(ImmutableArray<string> arguments, CancellationToken ct) => ReadAsync(arguments, _ => Task.CompletedTask, ct);

    /// <summary>The same with something to read for it.</summary>
    internal async Task<string> ReadAsync(ImmutableArray<string> arguments, Func<Stream, Task> feed, CancellationToken ct)
    {
        Exception? broken = null;
        var outcome = await Exec.RunAsync(Call(arguments), FeedAsync, ct);
        if (broken is not null && (outcome.ExitCode is 0 || broken is not IOException))
        {
            throw broken;
        }

        return outcome.ExitCode is 0 ? outcome.Output.Trim() : throw Failure(arguments, outcome.ExitCode, outcome.Error);

        async Task FeedAsync(Stream input)
        {
            try
            {
                await feed(input);
            }
            catch (Exception ex) when (ex is not OperationCanceledException)
            {
                // The end of its input ends the program. When it ended first, its own words say why.
                broken = ex;
            }
        }
    }

    /// <summary>Whether a call ended well; what it prints does not matter.</summary>
    internal async Task<bool> TryAsync(ImmutableArray<string> arguments, CancellationToken ct) => (await Exec.RunAsync(Call(arguments), ct)).ExitCode is 0;

    internal ReleaseException Failure(ImmutableArray<string> arguments, int exitCode, string words)
    {
        const int enough = 2000;
        var said = words.Trim() is { Length: > 0 } some ? some : "see above";
        return new ReleaseException(Fault.EngineFailed, $"'{Name} {string.Join(' ', [.. Global, .. arguments.Take(2)])}' exited with {exitCode}: {(said.Length > enough ? "…" + said[^enough..] : said).TrimEnd('.')}.")
        {
            Remedy = $"See whether it works at all: {Call("info")}",
        };
    }

    private static bool IsElsewhere(string? url) => url is not null && !url.StartsWith("unix://", StringComparison.Ordinal);

    private static string? Variable(string name) => System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static ImmutableDictionary<string, string?> Inherited(params IEnumerable<string> names) =>
        names.Where(name => Variable(name) is not null).ToImmutableDictionary(name => name, Variable, StringComparer.Ordinal);
}
