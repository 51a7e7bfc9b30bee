using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using DotnetRelease.Processes;

namespace DotnetRelease.Fixtures;

/// <summary>
/// A client that never stops: what dnf does with <c>gpgcheck=1 repo_gpgcheck=1</c>, again and again, over HTTP. It reads repomd.xml and its
/// signature, every metadata file, and every package, and writes down whatever a user would have seen as an error.
/// </summary>
public sealed partial class ClientLoop : IAsyncDisposable
{
    private static readonly XNamespace Repo = "http://linux.duke.edu/metadata/repo";
    private static readonly XNamespace Common = "http://linux.duke.edu/metadata/common";

    private readonly HttpClient _http = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, bool> _signatures = new();
    private readonly ConcurrentDictionary<string, bool> _packages = new();
    private readonly Uri _base;
    private readonly string _keyring;
    private readonly Task _running;

    /// <param name="baseUrl">Where the repository is, with a slash at its end.</param>
    /// <param name="keyring">A binary keyring for gpgv.</param>
    public ClientLoop(string baseUrl, string keyring)
    {
        (_base, _keyring) = (new Uri(baseUrl), keyring);
        _running = RunAsync();
    }

    /// <summary>What went wrong so far.</summary>
    public ConcurrentQueue<string> Problems { get; } = [];

    /// <summary>How often everything was read.</summary>
    public int Rounds { get; private set; }

    /// <summary>Times that a swap came between repomd.xml and its signature.</summary>
    public int Races { get; private set; }

    /// <summary>Every repomd.xml that was seen, by digest.</summary>
    public ConcurrentDictionary<string, bool> Seen { get; } = new();

    /// <summary>Reads everything once more, from now on.</summary>
    public async Task RoundAsync()
    {
        for (var until = Rounds + 2; Rounds < until && Problems.IsEmpty;)
        {
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await ReadAsync();
                Rounds++;
                await Task.Delay(5, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception ex) when (ex is HttpRequestException or IOException or InvalidDataException or System.Xml.XmlException)
            {
                Problems.Enqueue(ex.Message);
                await Task.Delay(20);
            }
        }
    }

    private async Task ReadAsync()
    {
        var repomd = await GetAsync("repodata/repomd.xml");
        var signature = await GetAsync("repodata/repomd.xml.asc");
        Seen[Hex(repomd)] = true;
        if (!await IsSignedAsync(repomd, signature))
        {
            await RaceAsync(Hex(repomd));
            return;
        }

        foreach (var data in XDocument.Parse(System.Text.Encoding.UTF8.GetString(repomd)).Root!.Elements(Repo + "data"))
        {
            var href = data.Element(Repo + "location")!.Attribute("href")!.Value;
            var bytes = await GetAsync(href);
            Check(href, bytes, data.Element(Repo + "checksum")!.Value);
            if (data.Attribute("type")!.Value is "primary")
            {
                await ReadPackagesAsync(bytes);
            }
        }
    }

    /// <summary>Two files are never read in one moment, so a swap may come between them; what stays unlike was left so.</summary>
    private async Task RaceAsync(string first)
    {
        const int tries = 60, pause = 50;
        for (var at = 0; at < tries; at++)
        {
            if (await IsSignedAsync(await GetAsync("repodata/repomd.xml"), await GetAsync("repodata/repomd.xml.asc")))
            {
                Races++;
                return;
            }

            await Task.Delay(pause, _stop.Token);
        }

        throw new InvalidDataException($"bad signature of repomd.xml {first[..8]}");
    }

    private async Task ReadPackagesAsync(byte[] primary)
    {
        await using var gzip = new GZipStream(new MemoryStream(primary), CompressionMode.Decompress);
        foreach (var package in (await XDocument.LoadAsync(gzip, LoadOptions.None, _stop.Token)).Root!.Elements(Common + "package"))
        {
            var (href, sum) = (package.Element(Common + "location")!.Attribute("href")!.Value, package.Element(Common + "checksum")!.Value);
            Check(href, await GetAsync(href), sum);
            _packages[href] = true;
        }
    }

    private static void Check(string href, byte[] bytes, string sum)
    {
        if (Hex(bytes) != sum)
        {
            throw new InvalidDataException($"bad checksum of {href}");
        }
    }

    private async Task<byte[]> GetAsync(string location)
    {
        using var response = await _http.GetAsync(new Uri(_base, location), _stop.Token);
        return response.StatusCode is HttpStatusCode.OK
            ? await response.Content.ReadAsByteArrayAsync(_stop.Token)
            : throw new InvalidDataException($"{(int)response.StatusCode} for {HexName().Replace(location, "HASH")}");
    }

    private async Task<bool> IsSignedAsync(byte[] repomd, byte[] signature)
    {
        var pair = Hex([.. repomd, .. signature]);
        if (_signatures.TryGetValue(pair, out var known))
        {
            return known;
        }

        using var scratch = new Scratch();
        await File.WriteAllBytesAsync(scratch["a"], repomd);
        await File.WriteAllBytesAsync(scratch["a.asc"], signature);
        var outcome = await Exec.RunAsync(new Command("gpgv", "--keyring", _keyring, scratch["a.asc"], scratch["a"]), CancellationToken.None);
        return _signatures[pair] = outcome.ExitCode is 0;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex HexName();
}
