using System.Diagnostics;

namespace DotnetRelease.Processes;

/// <summary>A program that answers over its standard output as long as somebody talks to it. Disposing it ends it.</summary>
internal sealed class Conversation : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly Process _process;

    internal Conversation(Process process)
    {
        _process = process;

        // Nobody reads what it complains about, but a full pipe would stop it.
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
    }

    internal Stream Input => _process.StandardInput.BaseStream;

    internal Stream Output => _process.StandardOutput.BaseStream;

    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            try
            {
                _process.StandardInput.Close();
                await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience);
            }
            catch (Exception ex) when (ex is TimeoutException or IOException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
    }
}
