using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DotnetRelease.Fixtures;

/// <summary>nginx on a free port of loopback, run by whoever runs the tests: a web server as clients of repositories meet it.</summary>
public sealed class Nginx : IAsyncDisposable
{
    private readonly Process _process;

    private readonly string _place;

    private Nginx(Process process, string place, int port) => (_process, _place, Port) = (process, place, port);

    public int Port { get; }

    /// <summary><c>http://127.0.0.1:PORT/</c></summary>
    public string Url => $"http://127.0.0.1:{Port}/";

    /// <summary>The request lines so far.</summary>
    public string Requests => File.ReadAllText(Path.Combine(_place, "access.log"));

    /// <summary>Serves a folder, without caching anything itself.</summary>
    public static Task<Nginx> StartAsync(Scratch scratch, string folder, CancellationToken ct) => StartAsync(scratch, folder, "", ct);

    /// <summary>The same with more lines of the configuration's <c>server</c> section.</summary>
    public static async Task<Nginx> StartAsync(Scratch scratch, string folder, string locations, CancellationToken ct)
    {
        var place = scratch.Folder($"nginx-{Guid.NewGuid():n}"[..14]);
        for (var attempts = 0; ; attempts++)
        {
            var port = ListeningProgram.FreePort();
            var configuration = Path.Combine(place, "nginx.conf");
            await File.WriteAllTextAsync(configuration, $$"""
                {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
                daemon off;
                worker_processes 1;
                pid {{place}}/pid;
                error_log stderr warn;
                events { worker_connections 256; }
                http {
                  access_log {{place}}/access.log;
                  client_body_temp_path {{place}}/body;
                  proxy_temp_path {{place}}/proxy;
                  fastcgi_temp_path {{place}}/fastcgi;
                  uwsgi_temp_path {{place}}/uwsgi;
                  scgi_temp_path {{place}}/scgi;
                  server {
                    listen 127.0.0.1:{{port}};
                    root {{folder}};
                    {{locations}}
                  }
                }

                """, ct);
            var process = Process.Start(new ProcessStartInfo("/usr/sbin/nginx", ["-p", place, "-e", "stderr", "-c", configuration]) { RedirectStandardError = true, UseShellExecute = false })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            while (!process.HasExited)
            {
                try
                {
                    using var probe = new TcpClient();
                    await probe.ConnectAsync(IPAddress.Loopback, port, ct);
                    return new Nginx(process, place, port);
                }
                catch (SocketException)
                {
                    await Task.Delay(20, ct);
                }
            }

            process.Dispose();
            if (attempts == 5)
            {
                throw new InvalidOperationException("nginx did not start.");
            }
        }
    }

    /// <summary>Ends it; a port where nobody listens is left.</summary>
    public async Task StopAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }
}
