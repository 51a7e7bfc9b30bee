using System.Text;
using DotnetRelease.Containers.Wire;
using DotnetRelease.Processes;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Containers;

/// <content>Running commands.</content>
public sealed partial class Container
{

    /// <summary>Runs a command without input and gives each part of its output, both streams in order, to <paramref name="output"/>.</summary>
    /// <returns>Its exit code; 128+N when signal N ended it.</returns>
    public async Task<int> RunAsync(Sandbox sandbox, Action<ReadOnlyMemory<byte>> output, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        ArgumentNullException.ThrowIfNull(output);
        using var nothing = File.OpenHandle("/dev/null");
        using var held = HeldLimits.For(sandbox.Limits);
        Say(output, held.ToString());
        using var pipe = OpenPipe();
        var reading = ReadAsync(pipe.Read, output);
        int exitCode;
        try
        {
            exitCode = await RunAsync(sandbox, held, new Streams((int)nothing.DangerousGetHandle(), pipe.WriteNumber, pipe.WriteNumber), ct);
        }
        finally
        {
            pipe.CloseWrite();
            await reading;
        }

        return exitCode;
    }

    /// <summary>Runs a command without input and keeps its output, for commands that print an answer.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ContainerFailed"/> when it prints more than 64 MiB.</exception>
    public async Task<Outcome> ReadAsync(Sandbox sandbox, CancellationToken ct)
    {
        const int limit = 64 * 1024 * 1024;
        ArgumentNullException.ThrowIfNull(sandbox);
        using var nothing = File.OpenHandle("/dev/null");
        using var held = HeldLimits.For(sandbox.Limits);
        using var output = OpenPipe();
        using var error = OpenPipe();
        var outputBytes = new MemoryStream();
        var errorBytes = new MemoryStream();
        var reading = Task.WhenAll(ReadAsync(output.Read, part => Keep(outputBytes, part)), ReadAsync(error.Read, part => Keep(errorBytes, part)));
        int exitCode;
        try
        {
            exitCode = await RunAsync(sandbox, held, new Streams((int)nothing.DangerousGetHandle(), output.WriteNumber, error.WriteNumber), ct);
        }
        finally
        {
            output.CloseWrite();
            error.CloseWrite();
            await reading;
        }

        return outputBytes.Length + errorBytes.Length < limit
            ? new Outcome(exitCode, outputBytes.ToArray(), Encoding.UTF8.GetString(errorBytes.ToArray()))
            : throw new ReleaseException(Fault.ContainerFailed, $"'{string.Join(' ', sandbox.Command)}' printed more than {limit} bytes in the container.");

        static void Keep(MemoryStream stream, ReadOnlyMemory<byte> part)
        {
            if (stream.Length < limit)
            {
                stream.Write(part.Span);
            }
        }
    }

    private static void Say(Action<ReadOnlyMemory<byte>> output, string words)
    {
        if (words.Length > 0)
        {
            output(Encoding.UTF8.GetBytes($"[container] {words}\n"));
        }
    }

    private async Task<int> RunAsync(Sandbox sandbox, HeldLimits limits, Streams streams, CancellationToken ct)
    {
        using var floor = DiskFloor.Under(_start.Store, ct);
        try
        {
            var end = await RunAsync(sandbox, new Start(streams, limits), floor.Token);
            end.Say(streams.Error);
            return end.ExitCode;
        }
        catch (OperationCanceledException) when (floor.IsReached)
        {
            throw floor.Failure();
        }
    }

    private async Task<CommandEnd> RunAsync(Sandbox sandbox, Start start, CancellationToken ct)
    {
        await ReadyAsync(ct);
        await _turn.WaitAsync(ct);
        var detached = new List<int>();
        await using var group = start.Limits.OpenGroup();
        try
        {
            var wanted = new SandboxRequest
            {
                Command = sandbox.Command,
                Environment = ContainerEnvironment.Of(sandbox, _config),
                WorkingDirectory = sandbox.WorkingDirectory ?? Path.GetFullPath(_config.WorkingDirectory, "/"),
                MakeWorkingDirectory = sandbox.WorkingDirectory is null,
                User = sandbox.User ?? "",
                Hostname = sandbox.Hostname,
                ReadOnlyRoot = sandbox.ReadOnlyRoot,
                Capabilities = sandbox.Capabilities,
                Limits = start.Limits.Request,
                HostNetwork = sandbox.Network is Network.Host,
                Terminal = start.Terminal,
                ProveNoNetwork = sandbox.ProveNoNetwork,
                Volumes = [.. sandbox.Volumes.Select(volume => RequestFor(volume, detached))],
            };
            var (input, output, error) = start.Streams;
            var request = _holder.Request(Request.Run, [input, output, error, .. detached, .. group is null ? [] : (int[])[(int)group.SafeFileHandle.DangerousGetHandle()]]);
            wanted.WriteTo(request);
            var answer = await SendAsync(request, start, ct);
            return new CommandEnd(answer.ReadInt(), answer.ReadText() is { Length: > 0 } why ? why : start.Limits.Reached());
        }
        finally
        {
            detached.ForEach(Native.Close);
            _turn.Release();
        }
    }

    /// <summary>A cancelled command is killed and waited for, so that nothing writes to its streams any more.</summary>
    private async Task<Message> SendAsync(Message request, Start start, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var answer = _holder.Send(request, start.Started);
        start.Signals?.SendTo(signal => _holder.Signal(request, signal));
        await using var cancel = ct.Register(() => _holder.Kill(request));
        var message = await Waited(answer);
        ct.ThrowIfCancellationRequested();
        return message;
    }

    /// <summary>As an ordinary user the holder opens volumes itself; root's it may not even see, so they travel as mounts.</summary>
    private VolumeRequest RequestFor(Volume volume, List<int> detached)
    {
        var isFolder = Directory.Exists(volume.Source);
        if (_start.Ids.Self is not null)
        {
            return new VolumeRequest(volume.Source, volume.Destination, volume.ReadOnly, isFolder);
        }

        using var ids = _holder.OpenUserNamespace();
        detached.Add(HostMounts.Detach(volume.Source, (int)ids.DangerousGetHandle()));
        return new VolumeRequest("", volume.Destination, volume.ReadOnly, isFolder);
    }

    private OutputPipe OpenPipe() => new(_start.Ids);

    /// <summary>
    /// On a thread of its own: nothing can wait for a pipe without one, and those of the pool are as many as there are processors. Two builds at
    /// once would wait for each other, and each for half a second until the pool grows. What follows is not for that thread: it ends, and a
    /// program that dies with its parent's thread would end with it.
    /// </summary>
    private static Task ReadAsync(SafeFileHandle pipe, Action<ReadOnlyMemory<byte>> output) =>
        Task.Factory.StartNew(
            () => Read(pipe, output), CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.RunContinuationsAsynchronously, TaskScheduler.Default);

    private static void Read(SafeFileHandle pipe, Action<ReadOnlyMemory<byte>> output)
    {
        using var stream = new FileStream(pipe, FileAccess.Read, 0);
        var buffer = new byte[64 * 1024];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            output(buffer.AsMemory(0, count));
        }
    }

    /// <summary>Descriptors of ours.</summary>
    private sealed record Streams(int Input, int Output, int Error);

    /// <summary>How a command is connected to us.</summary>
    /// <param name="Streams">Its standard streams; with a terminal, those of the sandbox around it.</param>
    /// <param name="Limits">How its limits are held.</param>
    private sealed record Start(Streams Streams, HeldLimits Limits)
    {
        /// <summary>It gets a terminal of this size.</summary>
        public WindowSize? Terminal { get; init; }

        /// <summary>Told that it starts, on the thread that listens to the holder.</summary>
        public Action<Message>? Started { get; init; }

        /// <summary>Signals of ours that are its.</summary>
        public ForwardedSignals? Signals { get; init; }
    }

    /// <summary>How a command ended.</summary>
    /// <param name="ExitCode">Its own; 128+N when signal N ended it; 126 or 127 when it could not be run.</param>
    /// <param name="Words">Why it could not be run, or the limit that it ran into; empty when there is nothing to say.</param>
    private sealed record CommandEnd(int ExitCode, string Words)
    {
        /// <summary>A command that was never run, or was ended, cannot say so itself: we write it where it would.</summary>
        public void Say(int error)
        {
            if (Words.Length > 0)
            {
                Pump.Write(error, Encoding.UTF8.GetBytes($"[container] {Words}\n"));
            }
        }
    }
}
