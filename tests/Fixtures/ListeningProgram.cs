using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace DotnetRelease.Fixtures;

/// <summary>A server of another project that runs for one test and says itself where it listens.</summary>
internal sealed class ListeningProgram : IAsyncDisposable
{
    private readonly Process _process;

    private ListeningProgram(Process process, string where) => (_process, Where) = (process, where);

    /// <summary>What the pattern's group found.</summary>
    internal string Where { get; }

    /// <summary>Starts a program and waits until a line of its output says that it listens.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="listening">Finds the place in that line, as its only group.</param>
    /// <param name="ct">Ends the wait, and then the program.</param>
    internal static async Task<ListeningProgram> StartAsync(string[] command, Regex listening, CancellationToken ct)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        var process = Process.Start(start)!;
        var said = new ConcurrentQueue<string>();
        var where = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => where.TrySetException(new InvalidOperationException($"{command[0]} did not start: {string.Join('\n', said)}"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            return new ListeningProgram(process, await where.Task.WaitAsync(ct));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }

        void Hear(string? line)
        {
            if (line is not null)
            {
                said.Enqueue(line);
                if (listening.Match(line) is { Success: true } match)
                {
                    where.TrySetResult(match.Groups[1].Value);
                }
            }
        }
    }

    /// <summary>A port of loopback for a server that cannot choose one itself. Somebody else may take it first: try again then.</summary>
    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
