using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>
/// The command that runs, and the thread that waits for it. Commands take turns, so when one ends, every process that is left in our
/// namespace is its remains: a daemon, or a half-made sandbox whose bubblewrap was killed.
/// </summary>
internal sealed class Children
{
    /// <summary>The exit code of bubblewrap for its own failures.</summary>
    private const int SandboxFailed = 1;

    private readonly Lock _gate = new();
    private readonly List<int> _early = [];
    private long _running;
    private int _process;

    /// <summary>Starts a command on the calling thread.</summary>
    /// <param name="start">Does it.</param>
    /// <param name="started">Called when the command can be sent signals, with the controlling end of its terminal; never, when it could not be run.</param>
    /// <param name="ended">Called once, when nothing of the command is left.</param>
    /// <param name="id">Number of the request.</param>
    internal void Start(Func<SandboxStart> start, Action<int> started, Action<CommandEnd> ended, long id)
    {
        SandboxStart sandbox;
        lock (_gate)
        {
            sandbox = start();
            _running = id;
        }

        new Thread(() => ended(Watch(sandbox, started))) { IsBackground = true }.Start();
    }

    /// <summary>Ends a command that still runs; its end is then reported as usual.</summary>
    internal void Kill(long id)
    {
        lock (_gate)
        {
            if (_running == id)
            {
                Native.KillEverything();
            }
        }
    }

    /// <summary>Sends a signal to the command itself, and to nothing that it started; one that is on its way gets it as soon as it is there.</summary>
    internal void Signal(long id, int signal)
    {
        lock (_gate)
        {
            if (_running == id && _process > 0)
            {
                Native.SendSignal(_process, signal);
            }
            else if (_running == id)
            {
                _early.Add(signal);
            }
        }
    }

    private CommandEnd Watch(SandboxStart sandbox, Action<int> started)
    {
        using var channel = sandbox.Channel;
        var launch = channel.Receive();
        if (launch is { Failed: null })
        {
            lock (_gate)
            {
                _process = launch.Process;
                _early.ForEach(signal => Native.SendSignal(_process, signal));
            }

            started(launch.Descriptor);
        }

        var exitCode = Native.Wait(sandbox.Pid);
        lock (_gate)
        {
            (_running, _process) = (0, 0);
            _early.Clear();
        }

        Native.KillEverything();
        while (Native.WaitForAny() is not null)
        {
            // As process 1 we inherit and bury whatever was left behind.
        }

        var last = launch is { Failed: null } ? channel.Receive() : launch;
        return last is { Failed: not null }
            ? new CommandEnd(last.ExitCode, last.Explain(sandbox.Request))
            : new CommandEnd(exitCode, "") { WithoutSandbox = launch is null && exitCode is SandboxFailed };
    }
}

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its own; 128+N when signal N ended it; 126 or 127 when it could not be run.</param>
/// <param name="Words">Why it could not be run; empty when it was.</param>
internal sealed record CommandEnd(int ExitCode, string Words)
{
    /// <summary>Bubblewrap could not make the sandbox, and has printed why.</summary>
    internal bool WithoutSandbox { get; init; }
}
