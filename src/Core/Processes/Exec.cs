using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace DotnetRelease.Processes;

/// <summary>The one door to other programs.</summary>
public static class Exec
{
    /// <summary>More output than this is not read by any caller; a program that prints it is refused.</summary>
    private const int OutputLimit = 256 * 1024 * 1024;

    private const int LastWordsLimit = 16 * 1024;

    /// <summary>What the runtime says of a process that was ended with SIGKILL.</summary>
    private const int KilledExit = 128 + 9;

    private static readonly TimeSpan PatienceAfterRefusal = TimeSpan.FromSeconds(2);

    /// <summary>What a child may see of our environment. Tokens and passphrases are not on the list, so they cannot leak.</summary>
    private static readonly string[] Inherited =
    [
        "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TERM", "TZ", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME",
        "GNUPGHOME", "GPG_TTY", "SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY",
        "DOTNET_ROOT", "DOTNET_CLI_HOME", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF",
        "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
    ];

    /// <summary>Runs to the end and returns what came back, whatever the exit code.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ToolMissing"/> when the program cannot be started.</exception>
    /// <exception cref="OperationCanceledException">After the whole process tree was killed.</exception>
    public static Task<Outcome> RunAsync(Command command, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(command);
        return RunAsync(command, async input => await input.WriteAsync(command.Input, CancellationToken.None), ct);
    }

    /// <summary>The same with more input than should be held in memory; it may throw when the run is cancelled.</summary>
    internal static async Task<Outcome> RunAsync(Command command, Func<Stream, Task> feed, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var process = Start(command);
        await using var kill = ct.Register(() => Kill(process));

        // All three at once: a child that fills one pipe while we wait on another would hang both of us.
        var input = FeedAsync(process, feed);
        var output = ReadAsync(process.StandardOutput.BaseStream, command);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await Task.WhenAll(input, output, error);
        await process.WaitForExitAsync(CancellationToken.None);
        ct.ThrowIfCancellationRequested();
        return new Outcome(process.ExitCode, await output, await error);
    }

    /// <summary>The same for a program that prints more than should be held in memory. Who takes the output reads what it wants of it.</summary>
    /// <returns>The outcome without the output.</returns>
    internal static async Task<Outcome> PipeAsync(Command command, Func<Stream, Task> take, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var process = Start(command);
        await using var kill = ct.Register(() => Kill(process));
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        Exception? refusal = null;
        try
        {
            await take(process.StandardOutput.BaseStream);
            await process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        }
        catch (Exception ex)
        {
            // A program that failed prints nothing that could be understood, and its own words say more. One that goes on is of no use.
            refusal = ex;
            await Task.WhenAny(process.WaitForExitAsync(CancellationToken.None), Task.Delay(PatienceAfterRefusal, CancellationToken.None));
            Kill(process);
        }

        await process.WaitForExitAsync(CancellationToken.None);
        ct.ThrowIfCancellationRequested();
        var outcome = new Outcome(process.ExitCode, default, await error);
        return refusal is null || (outcome.ExitCode is not 0 and not KilledExit) ? outcome : throw refusal;
    }

    /// <summary>Runs a program without input and gives what it prints on, one part at a time; the order is kept within each of its two streams.</summary>
    /// <returns>The outcome without the output, and with the end of what stood on standard error.</returns>
    internal static async Task<Outcome> StreamAsync(Command command, Action<ReadOnlyMemory<byte>> output, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var process = Start(command);
        await using var kill = ct.Register(() => Kill(process));
        process.StandardInput.Close();
        var turn = new Lock();
        var lastWords = new MemoryStream();
        await Task.WhenAll(
            ReadPartsAsync(process.StandardOutput.BaseStream, Give),
            ReadPartsAsync(process.StandardError.BaseStream, part =>
            {
                if (lastWords.Length > LastWordsLimit)
                {
                    lastWords.SetLength(0);
                }

                lastWords.Write(part.Span);
                Give(part);
            }));
        await process.WaitForExitAsync(CancellationToken.None);
        ct.ThrowIfCancellationRequested();
        return new Outcome(process.ExitCode, default, Encoding.UTF8.GetString(lastWords.ToArray()));

        void Give(ReadOnlyMemory<byte> part)
        {
            lock (turn)
            {
                output(part);
            }
        }
    }

    /// <summary>Runs a program with our own standard streams, for whoever called us.</summary>
    /// <returns>Its exit code.</returns>
    internal static async Task<int> AttachAsync(Command command, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var process = Start(command, isAttached: true);
        await using var kill = ct.Register(() => Kill(process));
        await process.WaitForExitAsync(CancellationToken.None);
        ct.ThrowIfCancellationRequested();
        return process.ExitCode;
    }

    /// <summary>Starts a program to talk with.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ToolMissing"/> when the program cannot be started.</exception>
    internal static Conversation Converse(Command command) => new(Start(command));

    /// <summary>Runs and returns the outcome; a non-zero exit becomes <see cref="Fault.ToolFailed"/> with the command and its last words.</summary>
    public static async Task<Outcome> ReadAsync(Command command, CancellationToken ct)
    {
        var outcome = await RunAsync(command, ct);
        return outcome.ExitCode is 0
            ? outcome
            : throw new ReleaseException(Fault.ToolFailed, $"'{command}' exited with {outcome.ExitCode}: {LastWords(outcome)}");
    }

    /// <summary>Starts a program to talk with; <see cref="Command.Input"/> is not used.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ToolMissing"/>.</exception>
    public static PipedProgram Open(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return new PipedProgram(Start(command));
    }

    /// <summary>The full path of a program in PATH, or null.</summary>
    public static string? Find(string program)
    {
        // An ordinary user's PATH on Debian has no sbin, but uidmap's and e2fsprogs' programs may live there.
        var folders = $"{Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"}:/usr/sbin:/sbin";
        foreach (var folder in folders.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Path.Combine(folder, program);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>The part of the environment that children inherit.</summary>
    public static IEnumerable<KeyValuePair<string, string>> InheritedEnvironment() =>
        from name in Inherited
        let value = Environment.GetEnvironmentVariable(name)
        where value is not null
        select KeyValuePair.Create(name, value);

    private static Process Start(Command command, bool isAttached = false)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            WorkingDirectory = command.WorkingDirectory ?? "",
            UseShellExecute = false,
            RedirectStandardInput = !isAttached,
            RedirectStandardOutput = !isAttached,
            RedirectStandardError = !isAttached,
        };
        start.Environment.Clear();
        foreach (var (name, value) in InheritedEnvironment().Append(KeyValuePair.Create("LC_ALL", "C.UTF-8")))
        {
            start.Environment[name] = value;
        }

        foreach (var (name, value) in command.Environment)
        {
            // The dictionary takes null as "remove".
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("Process.Start returned no process.");
        }
        catch (Win32Exception ex)
        {
            throw new ReleaseException(Fault.ToolMissing, $"'{command.Program}' could not be started: {ex.Message}.", inner: ex)
            {
                Remedy = $"Install '{Path.GetFileName(command.Program)}' and run the command again.",
            };
        }
    }

    private static async Task FeedAsync(Process process, Func<Stream, Task> feed)
    {
        try
        {
            await feed(process.StandardInput.BaseStream);
            process.StandardInput.Close();
        }
        catch (OperationCanceledException)
        {
            // The program is being killed as well.
        }
        catch (IOException)
        {
            // The program ended without reading everything; its exit code tells why.
        }
    }

    private static async Task ReadPartsAsync(Stream stream, Action<ReadOnlyMemory<byte>> output)
    {
        var buffer = new byte[64 * 1024];
        for (int count; (count = await stream.ReadAsync(buffer, CancellationToken.None)) > 0;)
        {
            output(buffer.AsMemory(0, count));
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream output, Command command)
    {
        var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int count; (count = await output.ReadAsync(buffer, CancellationToken.None)) > 0;)
        {
            if (bytes.Length + count > OutputLimit)
            {
                throw new ReleaseException(Fault.ToolFailed, $"'{command}' printed more than {OutputLimit} bytes.");
            }

            bytes.Write(buffer, 0, count);
        }

        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    internal static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended by itself in the meantime.
        }
    }

    private static string LastWords(Outcome outcome)
    {
        var text = (outcome.Error.Trim().Length > 0 ? outcome.Error : outcome.Output).Trim();
        const int enough = 1000;
        return text.Length > enough ? "…" + text[^enough..] : text;
    }
}
