using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Containers;

/// <summary>
/// Our own standard streams as a command in a container gets them. Files and pipes are handed on as they are. A terminal is not: who has
/// it open can change its settings, so what is said there passes through us.
/// </summary>
internal sealed class OwnStreams : IDisposable
{
    private readonly SafeFileHandle _nothing = File.OpenHandle("/dev/null");
    private readonly OutputPipe? _typed;
    private readonly OutputPipe? _shown;
    private readonly Pump? _typing;
    private readonly Pump? _showing;

    /// <param name="input">Whether the command gets our standard input.</param>
    /// <param name="ids">Whose the pipes are.</param>
    internal OwnStreams(bool input, IdMap ids)
    {
        if (input && OwnTerminal.IsTerminal(0))
        {
            _typed = new OutputPipe(ids);
            _typing = new Pump(0, _typed.WriteNumber, _typed.CloseWrite);
        }

        Input = !input ? (int)_nothing.DangerousGetHandle() : (int?)_typed?.Read.DangerousGetHandle() ?? 0;

        // One pipe for both keeps their order.
        var (output, error) = (OwnTerminal.IsTerminal(1), OwnTerminal.IsTerminal(2));
        if (output || error)
        {
            _shown = new OutputPipe(ids);
            _showing = new Pump((int)_shown.Read.DangerousGetHandle(), output ? 1 : 2);
        }

        Output = output ? _shown!.WriteNumber : 1;
        Error = error ? _shown!.WriteNumber : 2;
    }

    internal int Input { get; }

    internal int Output { get; }

    internal int Error { get; }

    /// <summary>Waits until everything is shown that the command has printed; it has ended.</summary>
    internal void Finish()
    {
        _shown?.CloseWrite();
        _showing?.Finish();
    }

    public void Dispose()
    {
        _typing?.Dispose();
        _typed?.Dispose();
        Finish();
        _showing?.Dispose();
        _shown?.Dispose();
        _nothing.Dispose();
    }
}
