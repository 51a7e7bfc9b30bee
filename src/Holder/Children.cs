using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>
/// The sandboxes that run, and the one thread that waits for them. As process 1 we also inherit what a killed sandbox leaves behind;
/// waiting for any child buries it.
/// </summary>
internal sealed class Children
{
    private readonly List<Child> _running = [];
    private bool _waiting;

    /// <summary>Starts a child on the calling thread; <paramref name="ended"/> is called once with its exit code and proof.</summary>
    internal void Start(Func<SandboxStart> start, Action<int, string> ended, long id)
    {
        lock (_running)
        {
            // Under the lock, so that even a child that ends at once is found by the waiting thread.
            var sandbox = start();
            _running.Add(new Child(sandbox.Pid, id, exitCode => ended(exitCode, sandbox.Proof)));
            if (!_waiting)
            {
                _waiting = true;
                new Thread(Wait) { IsBackground = true }.Start();
            }

            Monitor.Pulse(_running);
        }
    }

    internal void Kill(long id)
    {
        lock (_running)
        {
            foreach (var child in _running)
            {
                if (child.Id == id)
                {
                    Native.Kill(child.Pid);
                }
            }
        }
    }

    private void Wait()
    {
        while (true)
        {
            lock (_running)
            {
                while (_running.Count is 0)
                {
                    Monitor.Wait(_running);
                }
            }

            while (Native.WaitForAny() is { } ended)
            {
                Child? child;
                lock (_running)
                {
                    child = _running.Find(one => one.Pid == ended.Pid);
                    _running.Remove(child!);
                }

                child?.Ended(ended.ExitCode);
            }
        }
    }

    private sealed record Child(int Pid, long Id, Action<int> Ended);
}
