using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DotnetRelease.Containers.Wire;

/// <summary>
/// One end of the stream socket between tool and holder: a length, the message, and descriptors beside the length. When the other
/// side dies, however it dies, the kernel ends the stream.
/// </summary>
internal sealed unsafe partial class ControlSocket(int descriptor) : IDisposable
{
    /// <summary>Arguments and environment of a command are limited to about 2 MiB by the kernel anyway.</summary>
    private const int LargestMessage = 8 * 1024 * 1024;

    private const int MostDescriptors = 250;
    private const int HeaderSize = sizeof(int);
    private const int ControlHeaderSize = 16;
    private const int SocketLevel = 1;
    private const int Rights = 1;

    private readonly Lock _sending = new();

    /// <summary>Sends a message and copies of its descriptors. False: the other side is gone.</summary>
    internal bool Send(Message message)
    {
        lock (_sending)
        {
            Span<byte> header = stackalloc byte[HeaderSize];
            BinaryPrimitives.WriteInt32LittleEndian(header, message.Payload.Length);
            return SendAll(header, message.Descriptors) && SendAll(message.Payload, []);
        }
    }

    /// <summary>The next message, or null when the other side is gone.</summary>
    internal Message? Receive()
    {
        var descriptors = new List<int>();
        Span<byte> header = stackalloc byte[HeaderSize];
        if (!ReceiveAll(header, descriptors))
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < 0 or > LargestMessage)
        {
            return null;
        }

        var payload = new byte[length];
        return ReceiveAll(payload, descriptors) ? new Message(payload, [.. descriptors]) : null;
    }

    /// <summary>One bare byte, for the time before the other side speaks in messages. Null: it is gone.</summary>
    internal byte? ReceiveByte()
    {
        byte one = 0;
        return ReceiveAll(new Span<byte>(ref one), new List<int>()) ? one : null;
    }

    /// <summary>One bare byte.</summary>
    internal bool SendByte(byte one) => SendAll([one], []);

    /// <summary>Ends both directions, so that a thread waiting in <see cref="Receive"/> comes back.</summary>
    internal void Shutdown()
    {
        const int both = 2;
        _ = shutdown(descriptor, both);
    }

    public void Dispose() => Native.Close(descriptor);

    private bool SendAll(ReadOnlySpan<byte> bytes, int[] descriptors)
    {
        const int noSignal = 0x4000;
        var control = stackalloc byte[ControlHeaderSize + (MostDescriptors * sizeof(int))];
        while (bytes.Length > 0)
        {
            fixed (byte* start = bytes)
            {
                var vector = new Vector { Base = start, Length = (nuint)bytes.Length };
                var envelope = new Envelope { Vectors = &vector, VectorCount = 1 };
                if (descriptors.Length > 0)
                {
                    envelope.Control = control;
                    envelope.ControlLength = WriteRights(control, descriptors);
                }

                var sent = sendmsg(descriptor, &envelope, noSignal);
                if (sent < 0 && Marshal.GetLastPInvokeError() is not Native.Interrupted)
                {
                    return false;
                }

                if (sent > 0)
                {
                    bytes = bytes[(int)sent..];
                    descriptors = [];
                }
            }
        }

        return true;
    }

    private bool ReceiveAll(Span<byte> bytes, List<int> descriptors)
    {
        const int closeOnExec = 0x40000000;
        var control = stackalloc byte[ControlHeaderSize + (MostDescriptors * sizeof(int)) + sizeof(long)];
        while (bytes.Length > 0)
        {
            fixed (byte* start = bytes)
            {
                var vector = new Vector { Base = start, Length = (nuint)bytes.Length };
                var envelope = new Envelope
                {
                    Vectors = &vector,
                    VectorCount = 1,
                    Control = control,
                    ControlLength = ControlHeaderSize + (MostDescriptors * sizeof(int)) + sizeof(long),
                };
                var received = recvmsg(descriptor, &envelope, closeOnExec);
                if (received is 0 || (received < 0 && Marshal.GetLastPInvokeError() is not Native.Interrupted))
                {
                    return false;
                }

                if (received > 0)
                {
                    ReadRights(control, envelope.ControlLength, descriptors);
                    bytes = bytes[(int)received..];
                }
            }
        }

        return true;
    }

    /// <summary>cmsg(3): length, level, type, then the descriptors.</summary>
    private static nuint WriteRights(byte* control, int[] descriptors)
    {
        var length = (nuint)(ControlHeaderSize + (descriptors.Length * sizeof(int)));
        *(nuint*)control = length;
        *(int*)(control + 8) = SocketLevel;
        *(int*)(control + 12) = Rights;
        for (var i = 0; i < descriptors.Length; i++)
        {
            ((int*)(control + ControlHeaderSize))[i] = descriptors[i];
        }

        return length;
    }

    private static void ReadRights(byte* control, nuint available, List<int> descriptors)
    {
        if (available < ControlHeaderSize || *(int*)(control + 8) is not SocketLevel || *(int*)(control + 12) is not Rights)
        {
            return;
        }

        var count = ((int)*(nuint*)control - ControlHeaderSize) / sizeof(int);
        for (var i = 0; i < count; i++)
        {
            descriptors.Add(((int*)(control + ControlHeaderSize))[i]);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int socket, Envelope* envelope, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(int socket, Envelope* envelope, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int shutdown(int socket, int how);
}
