namespace DotnetRelease.Containers;

/// <content>Running a command for a person or a script that called us: our streams are its streams, our signals its signals.</content>
public sealed partial class Container
{
    /// <summary>
    /// Runs a command with our own standard streams. Signals that ask us to end go to the command; a second one ends the container, and so
    /// does a first one before the command has started.
    /// </summary>
    /// <returns>Its exit code; 128+N when signal N ended it; 126 or 127 when it cannot be run or is not there, which is said on its error output.</returns>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>: a terminal is wanted, and standard input is none.</exception>
    public async Task<int> RunAsync(Sandbox sandbox, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        using var signals = new ForwardedSignals(sandbox.Terminal, ct);
        using var held = HeldLimits.For(sandbox.Limits);
        try
        {
            return sandbox.Terminal ? await RunOnTerminalAsync(sandbox, held, signals) : await RunOnStreamsAsync(sandbox, held, signals);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw ForwardedSignals.Interrupted();
        }
    }

    private async Task<int> RunOnStreamsAsync(Sandbox sandbox, HeldLimits held, ForwardedSignals signals)
    {
        using var ours = new OwnStreams(sandbox.Input, _start.Ids);
        var streams = new Streams(ours.Input, ours.Output, ours.Error);
        try
        {
            var end = await RunAsync(sandbox, new Start(streams, held) { Signals = signals }, signals.Ended);
            end.Say(streams.Error);
            return end.ExitCode;
        }
        finally
        {
            ours.Finish();
        }
    }

    /// <summary>What bubblewrap has to say before the terminal is there goes to our error output; nothing else of ours is open inside.</summary>
    private async Task<int> RunOnTerminalAsync(Sandbox sandbox, HeldLimits held, ForwardedSignals signals)
    {
        var terminal = OwnTerminal.OfStandardInput();
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        using var errors = new OutputPipe(_start.Ids);
        using var saying = new Pump((int)errors.Read.DangerousGetHandle(), 2);
        TerminalSession? session = null;
        CommandEnd end;
        try
        {
            var number = (int)nothing.DangerousGetHandle();
            var start = new Start(new Streams(number, number, errors.WriteNumber), held)
            {
                Terminal = terminal.Size,
                Started = news => session = new TerminalSession(terminal, news.Descriptors[0], sandbox.Input),
                Signals = signals,
            };
            end = await RunAsync(ContainerEnvironment.OnTerminal(sandbox), start, signals.Ended);
        }
        finally
        {
            session?.Dispose();
            errors.CloseWrite();
            saying.Finish();
        }

        end.Say(2);
        return end.ExitCode;
    }
}
