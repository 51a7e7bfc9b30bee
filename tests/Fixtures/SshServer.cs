using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DotnetRelease.Fixtures;

/// <summary>OpenSSH's own server on a free port of loopback, run by whoever runs the tests, with keys and configuration of its own.</summary>
public sealed class SshServer : IAsyncDisposable
{
    private readonly Process _process;

    private SshServer(Process process, int port, string folder) => (_process, Port, Folder) = (process, port, folder);

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Its keys and configuration, and the client's.</summary>
    public string Folder { get; }

    /// <summary>A configuration for <c>ssh -F</c> in which the host <c>repo</c> is this server, with its key known and one of ours accepted.</summary>
    public string ClientConfig => Path.Combine(Folder, "client");

    /// <summary>The keys that the client knows.</summary>
    public string KnownHosts => Path.Combine(Folder, "known_hosts");

    /// <summary>Programs that its sessions find before those of the system.</summary>
    public string Programs => Path.Combine(Folder, "programs");

    /// <summary>The server program that Debian or Fedora has for SFTP.</summary>
    public static string SftpServer => File.Exists("/usr/lib/openssh/sftp-server") ? "/usr/lib/openssh/sftp-server" : "/usr/libexec/openssh/sftp-server";

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="scratch">Takes its files.</param>
    /// <param name="sftp">What it runs for SFTP; null: OpenSSH's.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<SshServer> StartAsync(Scratch scratch, string? sftp, CancellationToken ct)
    {
        var folder = scratch.Folder($"sshd-{Guid.NewGuid():n}"[..13]);
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(folder, "host"));
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(folder, "user"));
        File.Copy(Path.Combine(folder, "user.pub"), Path.Combine(folder, "authorized"));
        Directory.CreateDirectory(Path.Combine(folder, "programs"));
        if (Environment.IsPrivilegedProcess)
        {
            // Where it leaves its rights; a package that was installed without being started has not made it.
            Directory.CreateDirectory("/run/sshd");
        }

        for (var attempts = 0; ; attempts++)
        {
            var port = ListeningProgram.FreePort();
            var process = Start(folder, port, sftp ?? SftpServer, out var said);
            if (await ListensAsync(process, port, ct))
            {
                var key = string.Join(' ', (await File.ReadAllTextAsync(Path.Combine(folder, "host.pub"), ct)).Split(' ')[..2]);
                await File.WriteAllTextAsync(Path.Combine(folder, "known_hosts"), $"[127.0.0.1]:{port} {key}\n", ct);
                await File.WriteAllTextAsync(Path.Combine(folder, "client"), $"""
                    Host repo
                      HostName 127.0.0.1
                      Port {port}
                      User {Environment.UserName}
                      IdentityFile {folder}/user
                      IdentitiesOnly yes
                      IdentityAgent none
                      UserKnownHostsFile {folder}/known_hosts
                      GlobalKnownHostsFile none

                    """, ct);
                return new SshServer(process, port, folder);
            }

            process.Dispose();
            if (attempts == 5)
            {
                throw new InvalidOperationException("sshd did not start: " + string.Join('\n', said));
            }
        }
    }

    /// <summary>Ends every connection, as a line that breaks.</summary>
    public void Drop() => _process.Kill(entireProcessTree: true);

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Start(string folder, int port, string sftp, out ConcurrentQueue<string> said)
    {
        var configuration = Path.Combine(folder, "sshd_config");
        File.WriteAllText(configuration, $"""
            ListenAddress 127.0.0.1
            Port {port}
            HostKey {folder}/host
            PidFile {folder}/pid
            AuthorizedKeysFile {folder}/authorized
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            MaxStartups 100
            SetEnv PATH={folder}/programs:/usr/local/bin:/usr/bin:/bin
            Subsystem sftp {sftp}

            """);
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/sshd", ["-D", "-e", "-f", configuration]) { RedirectStandardError = true, UseShellExecute = false })!;
        var lines = said = new ConcurrentQueue<string>();
        process.ErrorDataReceived += (_, line) => lines.Enqueue(line.Data ?? "");
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task<bool> ListensAsync(Process process, int port, CancellationToken ct)
    {
        while (!process.HasExited)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, port, ct);
                return !process.HasExited;
            }
            catch (SocketException)
            {
                await Task.Delay(20, ct);
            }
        }

        return false;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
        await process.WaitForExitAsync();
        if (process.ExitCode is not 0)
        {
            throw new InvalidOperationException($"{program} exited with {process.ExitCode}.");
        }
    }
}
