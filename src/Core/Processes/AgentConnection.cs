using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace DotnetRelease.Processes;

/// <summary>
/// One conversation with gpg-agent over its socket, in the Assuan protocol (lines of text; see the manual of libassuan). The agent
/// keeps the secret key, or asks the card for it; what comes back is the signature of a hash. One request at a time.
/// </summary>
internal sealed class AgentConnection : IAsyncDisposable
{
    /// <summary>The longest line of the protocol, its end not counted.</summary>
    private const int MaxLine = 1000;

    /// <summary>No answer to a signature is longer.</summary>
    private const int MaxData = 64 * 1024;

    private readonly IAsyncDisposable _peer;
    private readonly Stream _toAgent;
    private readonly Stream _fromAgent;
    private readonly Passphrase? _passphrase;
    private readonly byte[] _buffer = new byte[4 * MaxLine];
    private int _start;
    private int _end;
    private string _status = "";

    private AgentConnection(NetworkStream stream, Passphrase? passphrase) => (_peer, _toAgent, _fromAgent, _passphrase) = (stream, stream, stream, passphrase);

    private AgentConnection(Conversation agent, Passphrase? passphrase) => (_peer, _toAgent, _fromAgent, _passphrase) = (agent, agent.Input, agent.Output, passphrase);

    /// <summary>Connects to the agent and says who may be asked for a passphrase.</summary>
    /// <param name="gpg">Whose agent; it is started when it does not run.</param>
    /// <param name="socketPath">Where it listens.</param>
    /// <param name="ct">Ends waiting.</param>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="AgentException">It refused the greeting or an option.</exception>
    internal static async Task<AgentConnection> OpenAsync(Gpg gpg, string socketPath, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), ct);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return await GreetAsync(new AgentConnection(new NetworkStream(socket, ownsSocket: true), gpg.Passphrase), gpg, ct);
    }

    /// <summary>
    /// Starts another agent for this conversation alone, which reads the same keys from the disk: one agent calculates one signature at
    /// a time, and there are more processors. It knows no passphrase that a person typed, so <see cref="IsFreeAsync"/> is to be asked first.
    /// </summary>
    internal static Task<AgentConnection> StartAsync(Gpg gpg, CancellationToken ct) =>
        GreetAsync(new AgentConnection(Exec.Converse(gpg.AgentServer()), gpg.Passphrase), gpg, ct);

    /// <summary>Whether the key lies on the disk and can be used without asking a person.</summary>
    internal async Task<bool> IsFreeAsync(string keygrip, CancellationToken ct)
    {
        await CallAsync($"KEYINFO {keygrip}", ct);

        // "S KEYINFO keygrip type serial id cached protection …": D is a file, C is without a passphrase.
        return _status.Split(' ') is [_, _, _, "D", _, _, _, var protection, ..] && (protection is "C" || _passphrase is not null);
    }

    /// <summary>Signs a hash.</summary>
    /// <param name="keygrip">gpg's name of the key pair, 40 hex digits.</param>
    /// <param name="algorithm">OpenPGP's number of the hash.</param>
    /// <param name="hash">What is signed.</param>
    /// <param name="ct">Ends waiting.</param>
    /// <returns>The signature as a canonical S-expression.</returns>
    /// <exception cref="AgentException">The agent said no.</exception>
    internal async Task<ReadOnlyMemory<byte>> SignAsync(string keygrip, int algorithm, ReadOnlyMemory<byte> hash, CancellationToken ct)
    {
        // All at once: the agent takes one line after the other, and only the last one makes it ask or think.
        await SendAsync(Encoding.ASCII.GetBytes(FormattableString.Invariant($"SIGKEY {keygrip}\nSETHASH {algorithm} {Convert.ToHexString(hash.Span)}\nPKSIGN\n")), ct);
        await ReadReplyAsync(ct);
        await ReadReplyAsync(ct);
        return await ReadReplyAsync(ct);
    }

    /// <summary>Sends one request and gives the data that came back.</summary>
    /// <exception cref="AgentException">The agent said no, or something that is not in the protocol.</exception>
    internal async Task<ReadOnlyMemory<byte>> CallAsync(string request, CancellationToken ct)
    {
        await SendAsync(Encoding.UTF8.GetBytes(request + "\n"), ct);
        return await ReadReplyAsync(ct);
    }

    public ValueTask DisposeAsync() => _peer.DisposeAsync();

    private static async Task<AgentConnection> GreetAsync(AgentConnection connection, Gpg gpg, CancellationToken ct)
    {
        try
        {
            await connection.ReadReplyAsync(ct);
            foreach (var option in Options(gpg))
            {
                await connection.CallAsync($"OPTION {option}", ct);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static IEnumerable<string> Options(Gpg gpg)
    {
        if (gpg.Passphrase is not null || !gpg.IsAttended)
        {
            return [$"pinentry-mode={(gpg.Passphrase is null ? "error" : "loopback")}"];
        }

        // The pinentry runs in the agent and has to be told where the person sits.
        (string Option, string? Value)[] place =
        [
            ("ttyname", Environment.GetEnvironmentVariable("GPG_TTY") ?? Terminal.Name()), ("ttytype", Environment.GetEnvironmentVariable("TERM")),
            ("display", Environment.GetEnvironmentVariable("DISPLAY")), ("lc-ctype", "C.UTF-8"),
        ];
        return place.Where(each => each.Value is { Length: > 0 }).Select(each => $"{each.Option}={each.Value}");
    }

    private async Task<ReadOnlyMemory<byte>> ReadReplyAsync(CancellationToken ct)
    {
        var data = new MemoryStream();
        while (true)
        {
            var line = await ReadLineAsync(ct);
            switch (Keyword(line.Span))
            {
                case "OK":
                    return data.ToArray();
                case "ERR":
                    throw AgentException.Of(Encoding.UTF8.GetString(line.Span));
                case "D":
                    data.Write(Unescape(line.Span[2..]));
                    break;
                case "S":
                    _status = Encoding.UTF8.GetString(line.Span);
                    break;
                case "INQUIRE":
                    await AnswerAsync(Encoding.UTF8.GetString(line.Span), ct);
                    break;
            }

            if (data.Length > MaxData)
            {
                throw new AgentException(0, "it sent more data than a signature has");
            }
        }
    }

    /// <summary>With a loopback pinentry the agent asks back for the passphrase; other questions are about things we never set up.</summary>
    private async Task AnswerAsync(string question, CancellationToken ct)
    {
        if (question.StartsWith("INQUIRE PASSPHRASE", StringComparison.Ordinal) && _passphrase is not null)
        {
            var answer = _passphrase.ToDataLine();
            await SendAsync(answer, ct);
            CryptographicOperations.ZeroMemory(answer);
            return;
        }

        await SendAsync(question.StartsWith("INQUIRE PINENTRY_LAUNCHED", StringComparison.Ordinal) ? "END\n"u8.ToArray() : "CAN\n"u8.ToArray(), ct);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await _toAgent.WriteAsync(bytes, ct);
        await _toAgent.FlushAsync(ct);
    }

    private async Task<ReadOnlyMemory<byte>> ReadLineAsync(CancellationToken ct)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = _buffer.AsMemory(_start, length);
                _start += length + 1;
                return line;
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            if (_end > MaxLine + 1)
            {
                throw new AgentException(0, "it sent a line that is too long for the protocol");
            }

            var count = await _fromAgent.ReadAsync(_buffer.AsMemory(_end), ct);
            _end += count > 0 ? count : throw new AgentException(0, "it ended the connection") { IsEnd = true };
        }
    }

    private static string Keyword(ReadOnlySpan<byte> line) => Encoding.ASCII.GetString(line.IndexOf((byte)' ') is >= 0 and var end ? line[..end] : line);

    /// <summary>Percent signs and line ends travel as <c>%HH</c>.</summary>
    private static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        var bytes = new byte[text.Length];
        var count = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is not (byte)'%')
            {
                bytes[count++] = text[at];
                continue;
            }

            const int escapeLength = 2;
            bytes[count++] = at + escapeLength < text.Length && byte.TryParse(text.Slice(at + 1, escapeLength), System.Globalization.NumberStyles.HexNumber, null, out var value)
                ? value
                : throw new AgentException(0, "it sent data that is wrongly escaped");
            at += escapeLength;
        }

        return bytes[..count];
    }
}
