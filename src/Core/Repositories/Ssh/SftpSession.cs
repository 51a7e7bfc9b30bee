using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using DotnetRelease.Processes;

namespace DotnetRelease.Repositories.Ssh;

/// <summary>
/// One connection to a server, for as long as a command runs. The system's <c>ssh</c> finds the host, checks its key and signs in, with the
/// user's own configuration; what goes through it is SFTP. Paths are fields of messages and never words of a shell.
/// </summary>
internal sealed class SftpSession : IAsyncDisposable
{
    /// <summary>A server that says nothing for so long says nothing any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private const int LongestMessage = 1024 * 1024;

    private readonly PipedProgram _ssh;
    private readonly SshAddress _address;
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<SftpAnswer>> _waiting = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private Task _receiving = Task.CompletedTask;
    private ReleaseException? _end;
    private uint _lastId;

    private SftpSession(PipedProgram ssh, SshAddress address) => (_ssh, _address) = (ssh, address);

    /// <summary>Signs in and greets.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.StoreUnreachable"/> or <see cref="Fault.ToolMissing"/>.</exception>
    internal static async Task<SftpSession> OpenAsync(SshAddress address, CancellationToken ct)
    {
        const uint version = 3;
        var session = new SftpSession(Exec.Open(address.Command()), address);
        try
        {
            await session._ssh.Input.WriteAsync(new SftpMessage(SftpKind.Init).Number(version).ToBytes(null), ct);
            await session._ssh.Input.FlushAsync(ct);
            var hello = await session.ReadMessageAsync(ct).WaitAsync(Patience, ct);
            if (hello.Kind is not SftpKind.Version || hello.Number() < version)
            {
                throw new InvalidDataException("no SFTP of version 3");
            }

            session._receiving = session.ReceiveAsync();
            return session;
        }
        catch (Exception ex) when (ex is IOException or InvalidDataException or TimeoutException)
        {
            var failure = await session.FailureAsync(ex);
            await session.DisposeAsync();
            throw failure;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks and waits for the answer; a status that is no success is thrown.</summary>
    /// <exception cref="SftpException">The server said no.</exception>
    /// <exception cref="ReleaseException"><see cref="Fault.StoreUnreachable"/>.</exception>
    internal async Task<SftpAnswer> AskAsync(SftpMessage message, CancellationToken ct) => await (await SendAsync([message], ct))[0].WaitAsync(ct);

    /// <summary>
    /// Sends messages in one piece, so that the server works on one after the other whatever happens to us meanwhile, and gives their answers
    /// as they come.
    /// </summary>
    internal async Task<Task<SftpAnswer>[]> SendAsync(SftpMessage[] messages, CancellationToken ct)
    {
        await _sending.WaitAsync(ct);
        try
        {
            var answers = new Task<SftpAnswer>[messages.Length];
            var bytes = new MemoryStream();
            for (var at = 0; at < messages.Length; at++)
            {
                var answer = new TaskCompletionSource<SftpAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting[++_lastId] = answer;
                bytes.Write(messages[at].ToBytes(_lastId));
                answers[at] = JudgeAsync(answer.Task);
            }

            if (_end is not null)
            {
                Abandon(_end);
                return answers;
            }

            await _ssh.Input.WriteAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), CancellationToken.None);
            await _ssh.Input.FlushAsync(CancellationToken.None);
            return answers;
        }
        catch (IOException)
        {
            // The receiver finds the end too, and knows what ssh said about it.
            await _receiving;
            throw _end!;
        }
        finally
        {
            _sending.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ssh.DisposeAsync();
        await _receiving;
        _sending.Dispose();
    }

    private async Task<SftpAnswer> JudgeAsync(Task<SftpAnswer> asked)
    {
        SftpAnswer answer;
        try
        {
            answer = await asked.WaitAsync(Patience);
        }
        catch (TimeoutException ex)
        {
            throw await FailureAsync(ex);
        }

        if (answer.Kind is not SftpKind.Status)
        {
            return answer;
        }

        var code = answer.Number();
        return code is SftpException.Ok ? answer : throw new SftpException(code, answer.IsAtEnd ? string.Create(CultureInfo.InvariantCulture, $"status {code}") : answer.Text());
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var answer = await ReadMessageAsync(CancellationToken.None);
                if (_waiting.TryRemove(answer.Number(), out var waiting))
                {
                    waiting.SetResult(answer);
                }
            }
        }
        catch (Exception ex) when (ex is IOException or InvalidDataException or ObjectDisposedException or InvalidOperationException)
        {
            Abandon(_end = await FailureAsync(ex));
        }
    }

    private void Abandon(ReleaseException end)
    {
        foreach (var id in _waiting.Keys)
        {
            if (_waiting.TryRemove(id, out var waiting))
            {
                waiting.TrySetException(end);
                _ = waiting.Task.Exception;
            }
        }
    }

    private async Task<SftpAnswer> ReadMessageAsync(CancellationToken ct)
    {
        var head = new byte[sizeof(uint) + 1];
        await _ssh.Output.ReadExactlyAsync(head, ct);
        var length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length is 0 or > LongestMessage)
        {
            throw new InvalidDataException("no SFTP");
        }

        var body = new byte[length - 1];
        await _ssh.Output.ReadExactlyAsync(body, ct);
        return new SftpAnswer((SftpKind)head[^1], body);
    }

    private async Task<ReleaseException> FailureAsync(Exception ex) => SshFailure.Of(_address, await _ssh.LastWordsAsync(), ex);
}
