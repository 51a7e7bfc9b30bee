using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>
/// The distro whose repository is on a server, with the cache, images and prepared roots of a machine that has built nothing yet. The server
/// counts what is downloaded, and can be stopped.
/// </summary>
internal sealed class ServedDistro : IAsyncDisposable
{
    private readonly Scratch _scratch;
    private readonly Nginx _server;

    private ServedDistro(Scratch scratch, Nginx server) => (_scratch, _server) = (scratch, server);

    /// <summary>Where the tool keeps its files.</summary>
    public Places Places { get; } = MakePlaces();

    /// <summary>The image, for <c>oci:</c>.</summary>
    public string Image => _scratch["image"];

    /// <summary>Names of the packages that were downloaded so far, in order.</summary>
    public string[] Downloads =>
    [
        .. from line in _server.Requests.Split('\n')
           let request = line.Split('"').ElementAtOrDefault(1)
           where request is not null && request.Contains(".rpm ", StringComparison.Ordinal)
           select Path.GetFileName(request.Split(' ')[1]),
    ];

    public static async Task<ServedDistro> StartAsync(CancellationToken ct)
    {
        var scratch = new Scratch();
        var tar = await SharedMachine.Distro;
        Directory.CreateDirectory(scratch["repo"]);
        await Exec.ReadAsync(new Command("tar", "-xf", tar, "-C", scratch["repo"], "--strip-components=3", "./srv/repo"), ct);
        var server = await Nginx.StartAsync(scratch, scratch["repo"], ct);
        var layer = OciContent.Tar("etc/yum.repos.d/distro.repo", $"[distro]\nname=Served\nbaseurl={server.Url}\ngpgcheck=0\nmetadata_expire=0\n");
        await WriteImageAsync(scratch["image"], tar, layer, ct);
        return new(scratch, server);
    }

    /// <summary>From now on nobody answers.</summary>
    public Task StopAsync() => _server.StopAsync();

    /// <summary>Replaces <c>fixture-checks</c> by a newer one, as distros do: the old one is gone.</summary>
    public async Task UpgradeAsync(CancellationToken ct)
    {
        var built = await RpmFactory.BuildAsync(new RpmRecipe("fixture-checks", "1.1")
        {
            Install = "mkdir -p %{buildroot}/usr/bin\nprintf '#!/bin/sh\\nexit 0\\n' > %{buildroot}/usr/bin/fixture-checks\nchmod 755 %{buildroot}/usr/bin/fixture-checks",
            Files = "/usr/bin/fixture-checks",
        });
        File.Delete(Directory.GetFiles(_scratch["repo"], "fixture-checks-*.rpm").Single());
        File.Copy(built.Binary, Path.Combine(_scratch["repo"], Path.GetFileName(built.Binary)));
        Directory.Delete(Path.Combine(_scratch["repo"], "repodata"), recursive: true);
        await Exec.ReadAsync(new Command("createrepo_c", "--quiet", _scratch["repo"]), ct);
    }

    /// <summary>Prepared roots go, as with <c>image prune</c>.</summary>
    public Task ForgetRootsAsync(CancellationToken ct) => new EmbeddedEngine(Places).PruneAsync(_ => true, _ => false, ct);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _scratch.Dispose();
    }

    private static Places MakePlaces()
    {
        var folder = Leftovers.NewFolder();
        var places = new Places(Path.Combine(folder, "cache"), Path.Combine(folder, "data"));
        Leftovers.BeforeRemoval(() => new EmbeddedEngine(places).PruneAsync(_ => false, _ => false, CancellationToken.None));
        return places;
    }

    private static async Task WriteImageAsync(string folder, string tar, byte[] layer, CancellationToken ct)
    {
        var below = await Digest.OfFileAsync(tar, ct);
        var content = new OciContent();
        var layers = (string[])[OciContent.Descriptor(OciContent.TarLayerType, below, new FileInfo(tar).Length), content.Add(OciContent.TarLayerType, layer)];
        var config = $$"""{"architecture":"{{Images.Platform.Current.Architecture}}","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["{{below}}","{{Digest.Of(layer)}}"] } }""";
        content.WriteLayout(folder, content.AddManifest(config, layers));
        await Exec.ReadAsync(new Command("sh", "-c", "ln -L \"$0\" \"$1\" 2> /dev/null || cp \"$0\" \"$1\"", tar, Path.Combine(folder, "blobs", "sha256", below.Hex)), ct);
    }
}
