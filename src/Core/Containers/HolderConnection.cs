using System.Text;
using DotnetRelease.Containers.Wire;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Containers;

/// <summary>A running holder: requests go out, answers come back by number, and its death fails whatever is still open.</summary>
internal sealed class HolderConnection : IDisposable
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Open> _open = [];
    private readonly List<Message> _early = [];
    private readonly ControlSocket _socket;
    private readonly HolderStart _start;
    private readonly Thread _listener;
    private readonly int _output;
    private readonly int _process;
    private ReleaseException? _end;
    private bool _listening;
    private bool _disposed;
    private long _last;

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
        catch
        {
            _socket.Dispose();
            Native.Close(_output);
            throw;
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

    /// <summary>A new request to fill and send.</summary>
    internal Message Request(Request kind, params int[] descriptors) =>
        new Message { Descriptors = descriptors }.Write(Interlocked.Increment(ref _last)).Write((int)kind);

    /// <summary>
    /// Sends and returns the answer, positioned behind its kind; a failure inside becomes our exception. Requests without descriptors may
    /// be sent before the holder is ready; it serves them in order.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="started">Called on the listening thread when a command has started; owns the descriptors of that message.</param>
    internal Task<Message> Send(Message request, Action<Message>? started = null)
    {
        var open = new Open(request.FirstNumber, started);
        lock (_open)
        {
            if (_end is not null)
            {
                return Task.FromException<Message>(_end);
            }

            _open.Add(open);
            if (!_listening)
            {
                _early.Add(request);
                return open.Answer.Task;
            }
        }

        // When the holder is gone the listening thread is about to fail this one too.
        _socket.Send(request);
        return open.Answer.Task;
    }

    /// <summary>Ends the command of a request; its answer then comes soon.</summary>
    internal void Kill(Message run) => _ = Send(Request(Wire.Request.Kill).Write(run.FirstNumber));

    /// <summary>Sends a signal to the command of a request, when it runs.</summary>
    internal void Signal(Message run, int signal) => _ = Send(Request(Wire.Request.Signal).Write(run.FirstNumber).Write(signal));

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
            _ready.TrySetResult();
            while (_socket.Receive() is { } message)
            {
                Complete(message);
            }

            End(new ReleaseException(Fault.ContainerFailed, $"the container ended unexpectedly: {Words()}"));
        }
        catch (ReleaseException ex)
        {
            End(ex);
            _ready.TrySetException(ex);

            // Whoever waits sees it; when nobody does, that is no second failure.
            _ = _ready.Task.Exception;
        }
    }

    /// <summary>The maps are written while the shell waits inside; what was sent early follows before the holder is there to read it.</summary>
    private void Begin()
    {
        if (_socket.ReceiveByte() is null)
        {
            throw Prerequisites.NamespacesBlocked(Words());
        }

        IdMaps.Write(_start.Ids, _process);
        var here = _socket.SendByte((byte)'\n');
        lock (_open)
        {
            _early.ForEach(request => _socket.Send(request));
            _listening = true;
        }

        if (!here || _socket.ReceiveByte() is null)
        {
            throw Prerequisites.NamespacesBlocked(Words());
        }
    }

    private void Complete(Message message)
    {
        var id = message.ReadNumber();
        var reply = (Reply)message.ReadInt();
        Open? open;
        lock (_open)
        {
            open = _open.Find(one => one.Id == id);
            if (reply is not Reply.Started)
            {
                _open.Remove(open!);
            }
        }

        if (reply is Reply.Started)
        {
            open?.Started(message);
            return;
        }

        if (reply is Reply.Done)
        {
            open?.Answer.TrySetResult(message);
            return;
        }

        var fault = HolderFaults.Find(message.ReadText());
        open?.Answer.TrySetException(new ReleaseException(fault, message.ReadText()) { Remedy = message.ReadText() });
    }

    private void End(ReleaseException end)
    {
        Open[] left;
        lock (_open)
        {
            _end = end;
            left = [.. _open];
            _open.Clear();
        }

        foreach (var open in left)
        {
            open.Answer.TrySetException(end);
        }
    }

    /// <summary>The last lines of what the programs of the chain printed.</summary>
    private string Words()
    {
        const int enough = 2000;
        using var file = new FileStream(new SafeFileHandle(_output, ownsHandle: false), FileAccess.Read, 0);
        file.Position = Math.Max(0, file.Length - enough);
        var text = new StreamReader(file, Encoding.UTF8).ReadToEnd().Trim();
        return text.Length > 0 ? text.ReplaceLineEndings("; ") : "it said nothing";
    }

    /// <summary>A request without an answer yet.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="started">Hears of a start, when there is one.</param>
    private sealed class Open(long id, Action<Message>? started)
    {
        internal long Id { get; } = id;

        internal void Started(Message message) => started?.Invoke(message);

        internal TaskCompletionSource<Message> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
