using System.Collections.Immutable;
using DotnetRelease.Core.Tests.Http;
using DotnetRelease.Fixtures;
using DotnetRelease.Http;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>A repository in a folder that nginx serves, and a client that checks it by its address.</summary>
internal sealed class WebBench : IAsyncDisposable
{
    private readonly CancellationToken _ct;

    private WebBench(RepositoryBench bench, Nginx server, CancellationToken ct) => (Bench, Server, _ct) = (bench, server, ct);

    internal RepositoryBench Bench { get; }

    internal Nginx Server { get; }

    internal string Root => Bench.Root;

    internal RepositoryPlace Place => Bench.Place with { BaseUrl = new Uri($"{Server.Url}demo/local/") };

    /// <summary>Publishes one package behind nginx.</summary>
    internal static async Task<WebBench> StartAsync(CancellationToken ct, string locations = "")
    {
        var bench = new RepositoryBench(ct);
        var server = await Nginx.StartAsync(bench.Scratch, bench.Scratch["repo"], locations, ct);
        var web = new WebBench(bench, server, ct);
        await web.PublishAsync("web");
        return web;
    }

    internal async Task PublishAsync(string package)
    {
        var key = await TestKey.Rsa;
        var request = new PublishRequest(Place, await Bench.SignedAsync(key, new RpmRecipe(package)), await MetadataKey.FindAsync(key.Gpg, key.Fingerprint, _ct)) { Project = "demo" };
        await new Publisher(Bench.Reporter, Bench.Clock).PublishAsync(request, _ct);
    }

    /// <summary>Checks it as a client that has a key; the request may be changed.</summary>
    internal async Task<RepositoryReport> VerifyAsync(TestKey key, Func<VerifyRequest, VerifyRequest>? change = null)
    {
        await using var trusted = await RpmVerifier.OpenAsync([await key.PublicAsync()], _ct);
        using var door = new HttpDoor(Doors.Impatient with { Retries = 1 }, new ListReporter());
        var request = new VerifyRequest(trusted) { Door = door, Now = Bench.Clock.Now };
        return await RepositoryVerifier.VerifyAsync(Place.BaseUrl, change?.Invoke(request) ?? request, _ct);
    }

    /// <summary>The one file that a pattern below the repository means.</summary>
    internal string File(string pattern) => Directory.GetFiles(Path.Combine(Root, Path.GetDirectoryName(pattern)!), Path.GetFileName(pattern)).Single();

    /// <summary>A copy of all files, to be served later.</summary>
    internal ImmutableDictionary<string, byte[]> Copy() =>
        Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).ToImmutableDictionary(path => path, System.IO.File.ReadAllBytes);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Bench.Dispose();
    }
}
