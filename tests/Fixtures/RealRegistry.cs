using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace DotnetRelease.Fixtures;

/// <summary>The reference implementation of a registry (package docker-registry) on a free port of loopback, with its own storage.</summary>
public sealed partial class RealRegistry : IAsyncDisposable
{
    private readonly Process _process;

    private RealRegistry(Process process, string host) => (_process, Host) = (process, host);

    /// <summary><c>127.0.0.1:PORT</c>.</summary>
    public string Host { get; }

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
        var start = new ProcessStartInfo("docker-registry", ["serve", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        var process = Process.Start(start)!;
        var said = new ConcurrentQueue<string?>();
        var host = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) =>
        {
            said.Enqueue(line.Data);
            if (line.Data is null)
            {
                host.TrySetException(new InvalidOperationException("docker-registry did not start: " + string.Join('\n', said)));
            }
            else if (Listening().Match(line.Data) is { Success: true } match)
            {
                host.TrySetResult(match.Groups[1].Value);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            return new RealRegistry(process, await host.Task.WaitAsync(ct));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"listening on (127\.0\.0\.1:[0-9]+)")]
    private static partial Regex Listening();
}
