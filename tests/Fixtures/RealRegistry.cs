using System.Text.RegularExpressions;

namespace DotnetRelease.Fixtures;

/// <summary>The reference implementation of a registry (package docker-registry) on a free port of loopback, with its own storage.</summary>
public sealed partial class RealRegistry : IAsyncDisposable
{
    private readonly ListeningProgram _program;

    private RealRegistry(ListeningProgram program) => _program = program;

    /// <summary><c>127.0.0.1:PORT</c>.</summary>
    public string Host => _program.Where;

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="scratch">Takes its files.</param>
    /// <param name="auth">Lines of its configuration's <c>auth</c> section, indented by two; empty lets everybody in.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<RealRegistry> StartAsync(Scratch scratch, string auth, CancellationToken ct)
    {
        var configuration = scratch.Write("registry.yml", $$"""
            version: 0.1
            log:
              level: info
              accesslog:
                disabled: true
            storage:
              filesystem:
                rootdirectory: {{scratch.Folder("registry")}}
              maintenance:
                uploadpurging:
                  enabled: false
            http:
              addr: "127.0.0.1:0"
              secret: for this test
            {{(auth.Length > 0 ? "auth:\n" + auth : "")}}
            """);
        return new RealRegistry(await ListeningProgram.StartAsync(["docker-registry", "serve", configuration], Listening(), ct));
    }

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    [GeneratedRegex(@"listening on (127\.0\.0\.1:[0-9]+)")]
    private static partial Regex Listening();
}
