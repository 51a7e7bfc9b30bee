using System.Runtime.InteropServices;

namespace DotnetRelease.Containers;

/// <summary>
/// While a command runs in the foreground, signals that we get are meant for it. A second request to end, and one that comes before there
/// is a command, is meant for us.
/// </summary>
internal sealed class ForwardedSignals : IDisposable
{
    private const int Hangup = 1;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    /// <summary>As .NET names them and as Linux numbers them; SIGUSR1 and SIGUSR2 have no name there.</summary>
    private static readonly KnownSignal[] Known =
        [new(PosixSignal.SIGHUP, Hangup), new(PosixSignal.SIGINT, Interrupt), new(PosixSignal.SIGQUIT, 3), new(PosixSignal.SIGTERM, Terminate), new((PosixSignal)10, 10), new((PosixSignal)12, 12)];

    private readonly CancellationTokenSource _ended;
    private readonly PosixSignalRegistration[] _registrations;
    private readonly bool _onTerminal;
    private Action<int>? _send;
    private int _requests;

    /// <param name="onTerminal">The command lives on a terminal of ours: when that hangs up, nobody can reach it any more.</param>
    /// <param name="ct">Ends the command too.</param>
    internal ForwardedSignals(bool onTerminal, CancellationToken ct)
    {
        _onTerminal = onTerminal;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _registrations = new PosixSignalRegistration[Known.Length];
        for (var i = 0; i < Known.Length; i++)
        {
            _registrations[i] = Register(Known[i]);
        }
    }

    /// <summary>The command has to be ended, whatever it thinks of it.</summary>
    internal CancellationToken Ended => _ended.Token;

    /// <summary>The command is on its way: from now on it gets the signals.</summary>
    internal void SendTo(Action<int> send) => Volatile.Write(ref _send, send);

    /// <summary>What a run that a signal has ended fails with.</summary>
    internal static ReleaseException Interrupted() => new(Fault.Interrupted, "Interrupted; the container was ended.");

    /// <summary>For a command that gets most signals without us.</summary>
    internal void EndOnTerminate(int signal)
    {
        if (signal is Terminate)
        {
            End();
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _ended.Dispose();
    }

    private PosixSignalRegistration Register(KnownSignal known) => PosixSignalRegistration.Create(known.Name, context =>
    {
        context.Cancel = true;
        Take(known.Number);
    });

    private void Take(int signal)
    {
        var again = signal is Interrupt or Terminate && Interlocked.Increment(ref _requests) > 1;
        if (Volatile.Read(ref _send) is { } send && !again && !(_onTerminal && signal is Hangup))
        {
            send(signal);
            return;
        }

        End();
    }

    private void End()
    {
        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The command has just ended by itself.
        }
    }

    /// <summary>A signal that is passed on. A class, as code for lists of values is compiled anew for each run.</summary>
    /// <param name="Name">For the runtime.</param>
    /// <param name="Number">For the kernel.</param>
    private sealed record KnownSignal(PosixSignal Name, int Number);
}
