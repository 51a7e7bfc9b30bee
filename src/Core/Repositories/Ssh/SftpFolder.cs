using System.Collections.Immutable;
using DotnetRelease.Storage;

namespace DotnetRelease.Repositories.Ssh;

/// <summary>One folder of a server: the steps that a store is made of, each with the words for its failure.</summary>
internal sealed class SftpFolder(SshAddress address) : IAsyncDisposable
{
    private const uint ForReading = 1, ForWriting = 2, Creating = 8, OnlyNew = 0x20;

    private readonly SemaphoreSlim _opening = new(1, 1);
    private SftpSession? _session;

    /// <summary>Null when the file is not there.</summary>
    internal async Task<SftpAttributes?> StatAsync(string location, CancellationToken ct) =>
        (await TryAsync(new SftpMessage(SftpKind.Stat).Text(At(location)), $"look at '{location}'", ct))?.Attributes();

    /// <summary>Null when the file is not there.</summary>
    internal async Task<Stream?> OpenAsync(string location, CancellationToken ct)
    {
        var session = await SessionAsync(ct);
        var opened = await TryAsync(new SftpMessage(SftpKind.Open).Text(At(location)).Number(ForReading).NoAttributes(), $"open '{location}'", ct);
        return opened is null ? null : SftpFile.Read(session, opened.Bytes(), $"{address}/{location}");
    }

    /// <summary>The entries of a folder; none when it is not there.</summary>
    internal async Task<ImmutableArray<(string Name, SftpAttributes Attributes)>> ListAsync(string location, CancellationToken ct)
    {
        var what = $"list '{location}'";
        if (await TryAsync(new SftpMessage(SftpKind.OpenFolder).Text(At(location)), what, ct) is not { } opened)
        {
            return [];
        }

        var handle = opened.Bytes().ToArray();
        var entries = ImmutableArray.CreateBuilder<(string, SftpAttributes)>();
        while (await TryAsync(new SftpMessage(SftpKind.ReadFolder).Bytes(handle), what, ct) is { } answer)
        {
            for (var left = answer.Number(); left > 0; left--)
            {
                var name = answer.Text();
                answer.Bytes();
                var attributes = answer.Attributes();
                if (name is not ("." or ".."))
                {
                    entries.Add((name, attributes));
                }
            }
        }

        await AskAsync(new SftpMessage(SftpKind.Close).Bytes(handle), what, ct);
        return entries.ToImmutable();
    }

    /// <summary>Makes a folder below the root, and the root with what leads to it.</summary>
    internal async Task MakeAsync(string location, CancellationToken ct)
    {
        if (await StatAsync(location, ct) is { IsFolder: true })
        {
            return;
        }

        var path = At(location);
        for (var slash = path.IndexOf('/', 1); ; slash = path.IndexOf('/', slash + 1))
        {
            var part = slash < 0 ? path : path[..slash];
            var session = await SessionAsync(ct);
            try
            {
                await session.AskAsync(new SftpMessage(SftpKind.Stat).Text(part), ct);
            }
            catch (SftpException)
            {
                await AskAsync(new SftpMessage(SftpKind.MakeFolder).Text(part).NoAttributes(), $"make the folder '{part}'", ct);
            }

            if (slash < 0)
            {
                return;
            }
        }
    }

    /// <summary>Uploads to a name of its own, synced when the server can; gives the name and the digest of what was sent.</summary>
    internal async Task<(string Unfinished, Digest Digest)> UploadAsync(Stream content, CancellationToken ct)
    {
        var unfinished = $"{Durable.UnfinishedPrefix}{Guid.NewGuid():n}";
        var session = await SessionAsync(ct);
        try
        {
            var handle = (await session.AskAsync(new SftpMessage(SftpKind.Open).Text(At(unfinished)).Number(ForWriting | Creating | OnlyNew).NoAttributes(), ct)).Bytes().ToArray();
            var digest = await SftpFile.WriteAsync(session, handle, content, ct);
            await SyncAsync(session, handle, ct);
            await session.AskAsync(new SftpMessage(SftpKind.Close).Bytes(handle), ct);
            return (unfinished, digest);
        }
        catch (SftpException ex)
        {
            var free = await FreeAsync(session, ct);
            await RemoveAsync(unfinished, CancellationToken.None);
            throw Refused("write", ex, free);
        }
    }

    /// <summary>Gives a file a name that nobody has; says whether that was so.</summary>
    internal async Task<bool> RenameIfFreeAsync(string from, string to, CancellationToken ct)
    {
        var session = await SessionAsync(ct);
        try
        {
            await session.AskAsync(new SftpMessage(SftpKind.Rename).Text(At(from)).Text(At(to)), ct);
            return true;
        }
        catch (SftpException ex)
        {
            // Version 3 has one status for every reason.
            return await StatAsync(to, ct) is null ? throw Refused($"rename '{from}' to '{to}'", ex) : false;
        }
    }

    /// <summary>Gives files other names, over whatever has them, in one message: the server does all of it or, when it dies, a beginning.</summary>
    internal async Task ReplaceAsync(CancellationToken ct, params (string From, string To)[] names)
    {
        var session = await SessionAsync(ct);
        try
        {
            var answers = await session.SendAsync(
                [.. names.Select(name => new SftpMessage(SftpKind.Extended).Text("posix-rename@openssh.com").Text(At(name.From)).Text(At(name.To)))], ct);
            await Task.WhenAll(answers);
        }
        catch (SftpException ex)
        {
            throw Refused($"rename over '{names[^1].To}'", ex);
        }
    }

    /// <summary>Removes a file; one that is not there is no error.</summary>
    internal Task RemoveAsync(string location, CancellationToken ct) => TryAsync(new SftpMessage(SftpKind.Remove).Text(At(location)), $"remove '{location}'", ct);

    public async ValueTask DisposeAsync()
    {
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }

        _opening.Dispose();
    }

    private static async Task SyncAsync(SftpSession session, byte[] handle, CancellationToken ct)
    {
        try
        {
            await session.AskAsync(new SftpMessage(SftpKind.Extended).Text("fsync@openssh.com").Bytes(handle), ct);
        }
        catch (SftpException ex) when (ex.Code is SftpException.NotSupported)
        {
            // The server cannot; what it says when it can and fails is an error.
        }
    }

    /// <summary>Bytes that are free there, or null: version 3 says "failure" when a disk is full.</summary>
    private async Task<ulong?> FreeAsync(SftpSession session, CancellationToken ct)
    {
        try
        {
            var answer = await session.AskAsync(new SftpMessage(SftpKind.Extended).Text("statvfs@openssh.com").Text(address.Path), ct);
            answer.Long();
            var fragment = answer.Long();
            answer.Long();
            answer.Long();
            return answer.Long() * fragment;
        }
        catch (Exception ex) when (ex is SftpException or InvalidDataException)
        {
            return null;
        }
    }

    private async Task<SftpAnswer?> TryAsync(SftpMessage message, string what, CancellationToken ct)
    {
        try
        {
            return await (await SessionAsync(ct)).AskAsync(message, ct);
        }
        catch (SftpException ex) when (ex.Code is SftpException.NoSuchFile or SftpException.EndOfFile)
        {
            return null;
        }
        catch (SftpException ex)
        {
            throw Refused(what, ex);
        }
    }

    private async Task AskAsync(SftpMessage message, string what, CancellationToken ct)
    {
        try
        {
            await (await SessionAsync(ct)).AskAsync(message, ct);
        }
        catch (SftpException ex)
        {
            throw Refused(what, ex);
        }
    }

    private async Task<SftpSession> SessionAsync(CancellationToken ct)
    {
        await _opening.WaitAsync(ct);
        try
        {
            return _session ??= await SftpSession.OpenAsync(address, ct);
        }
        finally
        {
            _opening.Release();
        }
    }

    private string At(string location) => location.Length is 0 ? address.Path : $"{address.Path}/{location}";

    private ReleaseException Refused(string what, SftpException ex, ulong? free = null)
    {
        const ulong little = 1024 * 1024;
        var room = free is { } bytes ? bytes < little ? $" The disk there is full: {bytes} bytes are free." : "" : "";
        return new ReleaseException(Fault.StoreRefused, $"Host '{address.Host}' did not {what} in '{address.Path}': {ex.Message.TrimEnd('.')}.{room}", inner: ex)
        {
            Remedy = room.Length > 0 ? "Make room there and run the command again; it goes on from what is there." : $"Look there by hand: {address.ByHand()}",
        };
    }
}
