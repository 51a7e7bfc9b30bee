using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace DotnetRelease.Fixtures;

/// <summary>
/// npm's <c>@octokit/fixtures-server</c> on loopback, with a recording of real traffic. The answers are played as they were recorded. Of
/// the requests, what GitHub renamed since 2017 is expected in today's form, <c>Bearer</c> and the media type without a version, and lists
/// of assets are asked for in large pages.
/// </summary>
public sealed class FixturesServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Uri _url;

    private FixturesServer(Process process, Uri url, string scenario) => (_process, _url, Scenario) = (process, url, scenario);

    /// <summary>The recording that is played.</summary>
    public string Scenario { get; }

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="scratch">Takes the recording.</param>
    /// <param name="scenario">As the package names it.</param>
    /// <param name="skip">Requests at the beginning that are left out.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<FixturesServer> StartAsync(Scratch scratch, string scenario, int skip, CancellationToken ct)
    {
        var recorded = NpmPackages.At("@octokit", "fixtures", "scenarios", "api.github.com", scenario, "normalized-fixture.json");
        var exchanges = JsonNode.Parse(await File.ReadAllTextAsync(recorded, ct))!.AsArray();
        for (var i = 0; i < skip; i++)
        {
            exchanges.RemoveAt(0);
        }

        foreach (var exchange in exchanges.Select(exchange => exchange!.AsObject()))
        {
            if ((string)exchange["method"]! is "get" && ((string)exchange["path"]!).EndsWith("/assets", StringComparison.Ordinal))
            {
                exchange["path"] = exchange["path"] + "?per_page=100";
            }

            var expected = exchange["reqheaders"]!.AsObject();
            expected["accept"] = "application/vnd.github+json";
            expected["authorization"] = ((string)expected["authorization"]!).Replace("token ", "Bearer ", StringComparison.Ordinal);
        }

        scratch.Write($"{scenario}/normalized-fixture.json", exchanges.ToJsonString());
        var port = ListeningProgram.FreePort();
        var url = new Uri($"http://localhost:{port}/");
        var start = new ProcessStartInfo(
            "node",
            [NpmPackages.At("@octokit", "fixtures-server", "bin", "server.js"), "--port", $"{port}", "--fixtures-url", url.AbsoluteUri.TrimEnd('/'), "--fixtures", $"{scratch.Root}/**/normalized-fixture.json"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var server = new FixturesServer(Process.Start(start)!, url, scenario);
        try
        {
            _ = await server._process.StandardOutput.ReadLineAsync(ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gets the recording ready to be played once.</summary>
    /// <returns>What stands for https://api.github.com.</returns>
    public async Task<Uri> LoadAsync(string scenario, CancellationToken ct)
    {
        using var http = new HttpClient();
        for (; ; )
        {
            try
            {
                using var answer = await http.PostAsJsonAsync(new Uri(_url, "fixtures"), new { scenario }, ct);
                answer.EnsureSuccessStatusCode();
                return new Uri((string)(await answer.Content.ReadFromJsonAsync<JsonNode>(ct))!["url"]!);
            }
            catch (HttpRequestException ex) when (ex.InnerException is SocketException)
            {
                await Task.Delay(50, ct);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
