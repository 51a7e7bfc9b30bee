using System.Collections.Concurrent;
using System.Net.Sockets;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>
/// Makes detached OpenPGP signatures with one key. gpg-agent is asked directly, over connections that stay open, which spares a gpg for
/// each signature; a key that needs no person gets an agent for each processor. Where the agent cannot be reached so, or the key is of
/// another kind, gpg itself signs. May be used from several threads.
/// </summary>
public sealed class KeySession : IAsyncDisposable
{
    /// <summary>An agent calculates one signature at a time; more of them than this would only wait for the disk.</summary>
    private const int MaxConnections = 8;

    private readonly Gpg _gpg;
    private readonly SigningKey _key;
    private readonly GpgKey? _signer;
    private readonly string _socket;
    private readonly ConcurrentBag<AgentConnection> _idle = [];
    private readonly SemaphoreSlim _free;
    private bool _mayMultiply;

    private KeySession(Gpg gpg, SigningKey key, GpgKey? signer, string socket) =>
        (_gpg, _key, _signer, _socket, _free) = (gpg, key, signer, socket, new SemaphoreSlim(Math.Clamp(Environment.ProcessorCount, 2, MaxConnections)));

    /// <summary>Whether gpg-agent is asked directly.</summary>
    internal bool IsDirect => _signer is not null;

    /// <summary>Looks for the agent and starts it when it does not run; nothing is signed yet, and nobody is asked for a passphrase.</summary>
    public static async Task<KeySession> OpenAsync(Gpg gpg, SigningKey key, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(gpg);
        ArgumentNullException.ThrowIfNull(key);
        var socket = await gpg.AgentSocketAsync(ct);
        if (key.Signer is not { } signer || !SignatureDraft.CanBeMadeBy(signer))
        {
            return new KeySession(gpg, key, null, socket);
        }

        var session = new KeySession(gpg, key, signer, socket);
        try
        {
            var first = await session.ConnectAsync(ct);
            session._mayMultiply = await first.IsFreeAsync(signer.Keygrip, ct);
            session._idle.Add(first);
            return session;
        }
        catch (Exception ex) when (ex is SocketException or IOException or AgentException)
        {
            await session.DisposeAsync();
            return new KeySession(gpg, key, null, socket);
        }
    }

    /// <summary>Signs bytes with SHA-256.</summary>
    /// <returns>One signature packet.</returns>
    /// <exception cref="ReleaseException"><see cref="Fault.SigningFailed"/>.</exception>
    public async Task<ReadOnlyMemory<byte>> SignAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        if (_signer is null)
        {
            return await _gpg.SignAsync(_key.Selector, data, armor: false, ct);
        }

        await _free.WaitAsync(ct);
        try
        {
            return await AskAsync(data, ct);
        }
        catch (AgentException ex) when (ex.IsForeign)
        {
            return await _gpg.SignAsync(_key.Selector, data, armor: false, ct);
        }
        catch (Exception ex) when (ex is AgentException or SocketException or IOException)
        {
            throw new ReleaseException(Fault.SigningFailed, $"gpg-agent did not sign with {_key.Selector}: {ex.Message}.", inner: ex)
            {
                Remedy = GpgFailure.Remedy(ex.Message, _key.Selector),
            };
        }
        finally
        {
            _free.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (_idle.TryTake(out var connection))
        {
            await connection.DisposeAsync();
        }

        _free.Dispose();
    }

    private async Task<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        var draft = new SignatureDraft(_signer!, data.Span, DateTimeOffset.UtcNow);
        if (_idle.TryTake(out var waiting))
        {
            try
            {
                return await AskAsync(waiting, draft, ct);
            }
            catch (Exception ex) when (ex is IOException or AgentException { IsEnd: true })
            {
                // The agent ended while nobody asked it for anything; a new one gives the same answer, or says why not.
            }
        }

        return await AskAsync(_mayMultiply ? await AgentConnection.StartAsync(_gpg, ct) : await ConnectAsync(ct), draft, ct);
    }

    private async Task<ReadOnlyMemory<byte>> AskAsync(AgentConnection connection, SignatureDraft draft, CancellationToken ct)
    {
        try
        {
            var answer = await connection.SignAsync(_signer!.Keygrip, OpenPgpHash.Sha256, draft.Hash, ct);
            var packet = draft.Finish(SExpression.TryReadPairs(answer.Span)) ?? throw new AgentException(0, "it answered with something that is no signature of this key");
            _idle.Add(connection);
            return packet;
        }
        catch
        {
            // Where the conversation stands is not known any more.
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<AgentConnection> ConnectAsync(CancellationToken ct)
    {
        try
        {
            return await AgentConnection.OpenAsync(_gpg, _socket, ct);
        }
        catch (SocketException)
        {
            await _gpg.LaunchAgentAsync(ct);
            return await AgentConnection.OpenAsync(_gpg, _socket, ct);
        }
    }
}
