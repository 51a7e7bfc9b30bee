using System.ComponentModel;
using DotnetRelease.Containers.Wire;
using DotnetRelease.Holder.Launch;
using DotnetRelease.Images;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Holder;

/// <summary>
/// Serves the tool's requests. The calling thread reads them and starts sandboxes, because a sandbox dies with the thread that started
/// it. It ends when the tool is gone, and the kernel ends everything else with it.
/// </summary>
internal sealed class Requests(ControlSocket socket, Store store, string bubblewrap)
{
    /// <summary>The exit code of shells and podman for a command that is there and cannot be run.</summary>
    private const int CannotRun = 126;

    private readonly Children _children = new();
    private readonly Lock _starting = new();
    private Session? _session;
    private Sandboxes? _sandboxes;
    private Overlay? _overlay;
    private Thread? _sweep;

    private string Tree => _overlay?.Tree ?? throw new ReleaseException(Fault.ContainerFailed, "the container has no tree yet.");

    internal void Serve()
    {
        // "I am here": the tool waits for this before it downloads anything.
        socket.SendByte((byte)'h');
        while (socket.Receive() is { } message)
        {
            var id = message.ReadNumber();
            var kind = (Request)message.ReadInt();
            if (kind is Request.Unpack)
            {
                new Thread(() => Reply(id, message, Unpack)) { IsBackground = true }.Start();
                continue;
            }

            Reply(id, message, (number, body) => Handle(kind, number, body));
            if (kind is Request.Close)
            {
                return;
            }
        }

        // The tool was killed: end what it started, and leave nothing for the next run to sweep up.
        Native.KillEverything();
        Close(0);
    }

    private Message? Handle(Request kind, long id, Message message) => kind switch
    {
        Request.Open => Open(id, message),
        Request.Run => Run(id, message),
        Request.Kill => Kill(id, message),
        Request.Signal => Signal(id, message),
        Request.ReadFile => FileRequests.Read(Tree, id, message),
        Request.WriteFile => FileRequests.Write(Tree, id, message),
        Request.List => FileRequests.List(Tree, id, message),
        Request.Save => Save(id, message),
        Request.Remove => Remove(id, message),
        Request.Close => Close(id),
        _ => throw new InvalidOperationException($"Request {kind} is unknown."),
    };

    private Message Unpack(long id, Message message)
    {
        var diffId = message.ReadText();
        var compression = (LayerCompression)message.ReadInt();
        using var file = new SafeFileHandle(message.Descriptors[0], ownsHandle: false);
        var session = Session();
        store.Use();
        return Answer.Done(id, text: store.Unpack(diffId, (file, compression), session));
    }

    private Message Open(long id, Message message)
    {
        var session = Session();
        store.Use();
        _overlay = new Overlay(store, session, message.ReadTexts());
        _sandboxes = new Sandboxes(bubblewrap, session);
        return Answer.Done(id);
    }

    /// <summary>The answer comes when the command has ended.</summary>
    private Message? Run(long id, Message message)
    {
        var request = SandboxRequest.ReadFrom(message);
        var tree = Tree;
        try
        {
            _children.Start(() => _sandboxes!.Start(tree, request, message.Descriptors), terminal => Started(id, terminal), end => Ended(id, end), id);
            BeginSweep();
            return null;
        }
        catch (UnknownAccountException ex)
        {
            return Answer.Done(id, CannotRun, $"cannot run as user '{request.User}': {ex.Message}");
        }
    }

    private void Started(long id, int terminal)
    {
        socket.Send(Answer.Started(id, terminal));
        Native.Close(terminal);
    }

    private void Ended(long id, CommandEnd end)
    {
        _sandboxes!.DetachVolumes();
        socket.Send(end.WithoutSandbox
            ? Answer.Failed(id, new ReleaseException(Fault.ContainerFailed, "bubblewrap could not make the sandbox; it has said why where the command's errors go."))
            : Answer.Done(id, end.ExitCode, end.Words));
    }

    private Message Kill(long id, Message message)
    {
        _children.Kill(message.ReadNumber());
        return Answer.Done(id);
    }

    private Message Signal(long id, Message message)
    {
        _children.Signal(message.ReadNumber(), message.ReadInt());
        return Answer.Done(id);
    }

    private Message Save(long id, Message message)
    {
        _overlay!.Save(message.ReadText());
        return Answer.Done(id);
    }

    private Message Remove(long id, Message message)
    {
        store.Remove(message.ReadTexts(), Session());
        return Answer.Done(id);
    }

    private Message Close(long id)
    {
        _sandboxes?.DetachVolumes();

        // There is something to sweep only after a crash; then this one container takes the time.
        BeginSweep();
        _sweep?.Join();
        _session?.Dispose();
        return Answer.Done(id);
    }

    private Session Session()
    {
        lock (_starting)
        {
            if (_session is null)
            {
                store.Prepare();
                _session = Holder.Session.Start(store.Folder);
            }

            return _session;
        }
    }

    /// <summary>While a command runs we have time. Earlier, the two threads would wait for each other's code to be loaded.</summary>
    private void BeginSweep()
    {
        if (_sweep is null && _session is { } session)
        {
            _sweep = new Thread(session.RemoveDead) { IsBackground = true };
            _sweep.Start();
        }
    }

    private void Reply(long id, Message message, Func<long, Message, Message?> handle)
    {
        Message? answer;
        try
        {
            answer = handle(id, message);
        }
        catch (ReleaseException ex)
        {
            answer = Answer.Failed(id, ex);
        }
        catch (Exception ex) when (ex is Win32Exception or IOException or UnauthorizedAccessException)
        {
            answer = Answer.Failed(id, new ReleaseException(Fault.ContainerFailed, $"inside the container's namespaces: {ex.Message}"));
        }

        foreach (var received in message.Descriptors)
        {
            Native.Close(received);
        }

        if (answer is not null)
        {
            socket.Send(answer);
            foreach (var sent in answer.Descriptors)
            {
                Native.Close(sent);
            }
        }
    }
}
