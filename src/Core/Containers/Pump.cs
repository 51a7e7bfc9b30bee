using System.Runtime.InteropServices;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Containers;

/// <summary>Copies what comes out of one descriptor into another, on a thread of its own, until the end of the first or until it is stopped.</summary>
internal sealed unsafe partial class Pump : IDisposable
{
    private const short Readable = 1;
    private const short Writable = 4;
    private const int TryAgain = 11;

    private readonly (int Read, int Write) _stop = Native.Pipe();
    private readonly Thread _thread;

    /// <param name="from">Stays open.</param>
    /// <param name="to">Stays open.</param>
    /// <param name="atEnd">Called when there is no more to read.</param>
    internal Pump(int from, int to, Action? atEnd = null)
    {
        _thread = new Thread(() => Copy(from, to, atEnd)) { IsBackground = true, Name = "pump" };
        _thread.Start();
    }

    /// <summary>Waits until everything is copied; somebody has to close the other end.</summary>
    internal void Finish() => _thread.Join();

    /// <summary>Stops it; what was not read stays for the next reader.</summary>
    public void Dispose()
    {
        Write(_stop.Write, "x"u8);
        _thread.Join();
        Native.Close(_stop.Read);
        Native.Close(_stop.Write);
    }

    /// <summary>Writes everything, also to a descriptor that somebody has made non-blocking. False: nobody reads it.</summary>
    internal static bool Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var count = (int)write(descriptor, start + done, (nuint)(bytes.Length - done));
                if (count >= 0)
                {
                    done += count;
                    continue;
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    case Native.Interrupted:
                        break;
                    case TryAgain:
                        Wait(new Poll { Descriptor = descriptor, Events = Writable });
                        break;
                    default:
                        return false;
                }
            }
        }

        return true;
    }

    private void Copy(int from, int to, Action? atEnd)
    {
        const int size = 64 * 1024;
        var buffer = new byte[size];
        var open = true;
        while (!Wait(new Poll { Descriptor = from, Events = Readable }, new Poll { Descriptor = _stop.Read, Events = Readable }))
        {
            int count;
            fixed (byte* start = buffer)
            {
                count = (int)read(from, start, size);
            }

            if (count < 0 && Marshal.GetLastPInvokeError() is Native.Interrupted or TryAgain)
            {
                continue;
            }

            if (count <= 0)
            {
                // EIO is how the end of a terminal looks.
                atEnd?.Invoke();
                return;
            }

            // When nobody reads it any more, the writer still must not wait for us.
            open = open && Write(to, buffer.AsSpan(0, count));
        }
    }

    /// <summary>Waits for one of them; whether the last of several has something, the others having nothing.</summary>
    private static bool Wait(params Span<Poll> polls)
    {
        fixed (Poll* start = polls)
        {
            while (poll(start, (nuint)polls.Length, -1) < 0 && Marshal.GetLastPInvokeError() is Native.Interrupted)
            {
                // Again.
            }
        }

        return polls.Length > 1 && polls[0].Happened is 0 && polls[^1].Happened is not 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(Poll* polls, nuint count, int timeout);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Poll
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
