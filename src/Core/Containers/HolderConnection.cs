using System.Collections.Concurrent;
using System.Text;
using DotnetRelease.Containers.Wire;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Containers;

/// <summary>A running holder: requests go out, answers come back by number, and its death fails whatever is still open.</summary>
internal sealed class HolderConnection : IDisposable
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource<Message>> _open = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ControlSocket _socket;
    private readonly HolderStart _start;
    private readonly int _output;
    private readonly int _process;
    private readonly Thread _listener;
    private long _last;
    private bool _disposed;

    /// <summary>Starts a holder and returns at once.</summary>
    internal HolderConnection(HolderStart start)
    {
        _start = start;
        var (ours, theirs) = Native.SocketPair();
        _socket = new ControlSocket(ours);
        _output = Native.AnonymousFile("holder");
        try
        {
            _process = start.Start(theirs, _output);
        }
        finally
        {
            Native.Close(theirs);
        }

        _listener = new Thread(Listen) { IsBackground = true, Name = "holder" };
        _listener.Start();
    }

    /// <summary>Ends when the holder serves, or fails with what is missing on this machine.</summary>
    internal Task Ready => _ready.Task;

    /// <summary>The container's user namespace, for mounts whose ids have to be its own.</summary>
    internal SafeFileHandle OpenUserNamespace() => File.OpenHandle($"/proc/{_process}/ns/user", share: FileShare.ReadWrite | FileShare.Delete);

    /// <summary>A new request to fill; <see cref="SendAsync"/> sends it.</summary>
    internal Message Request(Request kind, params int[] descriptors) =>
        new Message { Descriptors = [.. descriptors] }.Write(Interlocked.Increment(ref _last)).Write((int)kind);

    /// <summary>Sends and returns the answer, positioned behind its kind; a failure inside becomes our exception.</summary>
    internal async Task<Message> SendAsync(Message request, CancellationToken ct)
    {
        await _ready.Task.WaitAsync(ct);
        var id = request.FirstNumber;
        var answer = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[id] = answer;
        if (!_socket.Send(request))
        {
            answer.TrySetException(Lost());
        }

        // A command can be ended; everything else is short or, like unpacking, ends with the holder.
        await using var cancel = ct.Register(() => _socket.Send(Request(Wire.Request.Kill).Write(id)));
        var message = await answer.Task;
        ct.ThrowIfCancellationRequested();
        return message;
    }

    /// <summary>Ends the holder and with it everything inside.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _socket.Shutdown();
        _listener.Join();
        Native.Wait(_process);
        _socket.Dispose();
        Native.Close(_output);
    }

    private void Listen()
    {
        try
        {
            Begin();
        }
        catch (ReleaseException ex)
        {
            _ready.TrySetException(ex);
            return;
        }

        _ready.TrySetResult();
        while (_socket.Receive() is { } message)
        {
            if (_open.TryRemove(message.ReadNumber(), out var waiting))
            {
                Complete(waiting, message);
            }
        }

        foreach (var waiting in _open.Values)
        {
            waiting.TrySetException(Lost());
        }
    }

    private void Begin()
    {
        if (_socket.ReceiveByte() is null)
        {
            throw Prerequisites.NamespacesBlocked(Words());
        }

        IdMaps.Write(_start.Ids, _process);
        if (!_socket.SendByte((byte)'\n') || _socket.ReceiveByte() is null)
        {
            throw Prerequisites.NamespacesBlocked(Words());
        }
    }

    private static void Complete(TaskCompletionSource<Message> waiting, Message message)
    {
        if ((Reply)message.ReadInt() is Reply.Done)
        {
            waiting.TrySetResult(message);
            return;
        }

        var fault = HolderFaults.Find(message.ReadText());
        waiting.TrySetException(new ReleaseException(fault, message.ReadText()) { Remedy = message.ReadText() });
    }

    private ReleaseException Lost() => new(Fault.ContainerFailed, $"the container ended unexpectedly: {Words()}");

    /// <summary>The last lines of what the programs of the chain printed.</summary>
    private string Words()
    {
        const int enough = 2000;
        using var file = new FileStream(new SafeFileHandle(_output, ownsHandle: false), FileAccess.Read, 0);
        file.Position = Math.Max(0, file.Length - enough);
        var text = new StreamReader(file, Encoding.UTF8).ReadToEnd().Trim();
        return text.Length > 0 ? text.ReplaceLineEndings("; ") : "it said nothing";
    }
}
