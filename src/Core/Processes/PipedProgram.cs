using System.Diagnostics;
using System.Text;

namespace DotnetRelease.Processes;

/// <summary>A program that runs as long as somebody talks with it: bytes in, bytes out, its last words kept.</summary>
public sealed class PipedProgram : IAsyncDisposable
{
    /// <summary>Enough of stderr to say what went wrong.</summary>
    private const int WordsLimit = 16 * 1024;

    private readonly Process _process;
    private readonly StringBuilder _words = new();
    private readonly Task _listening;

    internal PipedProgram(Process process)
    {
        _process = process;
        _listening = ListenAsync();
    }

    /// <summary>What the program reads.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>What the program writes.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>What it said on stderr until its end; waits a moment for the rest when it is about to end.</summary>
    public async Task<string> LastWordsAsync()
    {
        await Task.WhenAny(_listening, Task.Delay(TimeSpan.FromSeconds(2)));
        lock (_words)
        {
            return _words.ToString().Trim();
        }
    }

    /// <summary>Closes its input, gives it a moment to end, and ends it when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (Exception ex) when (ex is IOException or OperationCanceledException)
        {
            Exec.Kill(_process);
        }

        _process.Dispose();
    }

    private async Task ListenAsync()
    {
        var buffer = new char[1024];
        try
        {
            for (int count; (count = await _process.StandardError.ReadAsync(buffer)) > 0;)
            {
                lock (_words)
                {
                    _words.Append(buffer, 0, Math.Min(count, WordsLimit - _words.Length));
                }
            }
        }
        catch (Exception ex) when (ex is IOException or ObjectDisposedException)
        {
            // Ended together with the program.
        }
    }
}
