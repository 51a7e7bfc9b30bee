using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>
/// The command that runs, and the thread that waits for it. Commands take turns, so when one ends, every process that is left in our
/// namespace is its remains: a daemon, or a half-made sandbox whose bubblewrap was killed.
/// </summary>
internal sealed class Children
{
    private readonly Lock _gate = new();
    private long _running;

    /// <summary>Starts a command on the calling thread; <paramref name="ended"/> is called once, when nothing of it is left.</summary>
    internal void Start(Func<SandboxStart> start, Action<int, string> ended, long id)
    {
        SandboxStart sandbox;
        lock (_gate)
        {
            sandbox = start();
            _running = id;
        }

        new Thread(() => Wait(sandbox, ended)) { IsBackground = true }.Start();
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

    private void Wait(SandboxStart sandbox, Action<int, string> ended)
    {
        var exitCode = Native.Wait(sandbox.Pid);
        lock (_gate)
        {
            _running = 0;
        }

        Native.KillEverything();
        while (Native.WaitForAny() is not null)
        {
            // As process 1 we inherit and bury whatever was left behind.
        }

        ended(exitCode, sandbox.Proof);
    }
}
