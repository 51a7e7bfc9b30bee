using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Fixtures;

/// <summary>
/// A project with signed packages whose repository lies in a folder, behind a real sshd, in git with LFS, or in an object store, with a web server that clients
/// read it from, and the built tool as a process that publishes there.
/// </summary>
public sealed class StoreWorld : IAsyncDisposable
{
    private const string Below = "demo/local";
    private const string Remote = "remote.git";

    private static readonly SemaphoreSlim Signing = new(1, 1);

    private readonly Stack<IAsyncDisposable> _servers = [];
    private readonly CancellationToken _ct;
    private string[] _packages = [];
    private FakeS3? _s3;
    private string? _sshConfig;

    private StoreWorld(TestKey key, CancellationToken ct) => (Key, _ct) = (key, ct);

    /// <summary>Signs packages and metadata.</summary>
    public TestKey Key { get; }

    /// <summary>The project's folder.</summary>
    public Scratch Scratch { get; } = new();

    /// <summary>Where a client finds the repository; ends in a slash.</summary>
    public string ClientUrl { get; private set; } = "";

    /// <summary>What a client trusts, for gpgv.</summary>
    public string Keyring => Scratch["ring.gpg"];

    /// <summary>Where <c>publish</c> looks for packages.</summary>
    public string Results => Scratch["dist/rpm/local"];

    /// <summary>A file of the repository as it is stored; setting one is what an attacker does.</summary>
    public byte[] this[string location]
    {
        get => _s3 is not null ? _s3[$"yum/{Below}/{location}"] : File.ReadAllBytes(Scratch[$"repo/{Below}/{location}"]);
        set
        {
            if (_s3 is not null)
            {
                _s3[$"yum/{Below}/{location}"] = value;
            }
            else
            {
                File.WriteAllBytes(Scratch[$"repo/{Below}/{location}"], value);
            }
        }
    }

    /// <summary>Names of the files of <c>repodata/</c>.</summary>
    public IEnumerable<string> Metadata => _s3 is not null
        ? _s3.Keys.Where(key => key.StartsWith($"yum/{Below}/repodata/", StringComparison.Ordinal)).Select(Path.GetFileName).OfType<string>()
        : Directory.EnumerateFiles(Scratch[$"repo/{Below}/repodata"]).Select(Path.GetFileName).OfType<string>();

    /// <summary>Makes one.</summary>
    /// <param name="store"><c>file</c>, <c>ssh</c>, <c>git</c> or <c>s3</c>.</param>
    /// <param name="packages">Packages to build and sign.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<StoreWorld> StartAsync(string store, RpmRecipe[] packages, CancellationToken ct)
    {
        var world = new StoreWorld(await TestKey.Rsa, ct);
        await world.SignAsync(packages);
        var url = store switch
        {
            "file" => "file:./repo",
            "ssh" => $"ssh://repo{await world.StartSshAsync("repo")}",
            "git" => $"git+ssh://repo{await world.StartGitAsync()}",
            _ => world.StartS3(),
        };
        if (store is not "s3")
        {
            var nginx = await Nginx.StartAsync(world.Scratch, world.Scratch.Folder("repo"), ct);
            world._servers.Push(nginx);
            world.ClientUrl = $"{nginx.Url}{Below}/";
        }

        world.WriteSettings("release.toml", url);
        world.WriteSettings("calm.toml", "file:./calm");
        await File.WriteAllBytesAsync(world.Keyring, await world.Key.PublicAsync(), ct);
        return world;
    }

    /// <summary>Puts a signed package where <c>publish</c> looks.</summary>
    public void Offer(int at) => File.Copy(_packages[at], Path.Combine(Results, Path.GetFileName(_packages[at])));

    /// <summary>The built tool with these arguments, in the project.</summary>
    public Command Tool(params string[] arguments) =>
        new Command("dotnet", [ToolUnderTest.Assembly, "-C", Scratch.Root, .. arguments]) { WorkingDirectory = Scratch.Root }
            .With("HOME", Key.Home).With("XDG_CONFIG_HOME", null).With("XDG_CACHE_HOME", null).With("XDG_DATA_HOME", null)
            .With("GNUPGHOME", Key.Home).With("DISPLAY", null).With("WAYLAND_DISPLAY", null).With("GPG_TTY", null)
            .With("DOTNET_RELEASE_SSH_CONFIG", _sshConfig)
            .With("AWS_ACCESS_KEY_ID", S3Rver.Account).With("AWS_SECRET_ACCESS_KEY", S3Rver.Account).With("AWS_EC2_METADATA_DISABLED", "true");

    /// <summary>Runs it to its end.</summary>
    public Task<Outcome> RunAsync(params string[] arguments) => Exec.RunAsync(Tool(arguments), _ct);

    /// <summary>What serves a branch of git does: a checkout with git-lfs, where the web server looks. Other stores are served from where they are.</summary>
    public async Task CheckOutAsync()
    {
        if (Directory.Exists(Scratch[Remote]))
        {
            string[] lfs = ["-c", "filter.lfs.smudge=git-lfs smudge -- %f", "-c", "filter.lfs.process=git-lfs filter-process", "-c", "filter.lfs.required=true"];
            var clone = new Command("git", [.. lfs, "clone", "--quiet", $"ssh://repo{Scratch[Remote]}", Scratch["repo"]]);
            await Exec.ReadAsync(clone.With("GIT_CONFIG_GLOBAL", "/dev/null").With("GIT_SSH_COMMAND", $"ssh -F {_sshConfig}"), _ct);
        }
    }

    /// <summary>From now on nobody answers.</summary>
    public async Task StopAsync()
    {
        while (_servers.TryPop(out var server))
        {
            await server.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Scratch.Dispose();
    }

    private async Task SignAsync(RpmRecipe[] packages)
    {
        Directory.CreateDirectory(Results);
        var built = await Task.WhenAll(packages.Select(RpmFactory.BuildAsync));

        // The files are shared with other tests of this process.
        await Signing.WaitAsync(_ct);
        try
        {
            await using var signer = await RpmSigner.OpenAsync(Key.Gpg, Key.Fingerprint, _ct);
            await signer.SignAsync([.. built.Select(one => one.Binary)], _ct);
        }
        finally
        {
            Signing.Release();
        }

        _packages = [.. built.Select(one => one.Binary)];
    }

    private async Task<string> StartSshAsync(string folder)
    {
        var server = await SshServer.StartAsync(Scratch, null, _ct);
        _servers.Push(server);
        _sshConfig = server.ClientConfig;
        if (folder is Remote)
        {
            var lfs = LfsServer.Start(Scratch);
            _servers.Push(lfs);
            lfs.AnnounceBy(server);
        }

        return Scratch[folder];
    }

    private async Task<string> StartGitAsync()
    {
        await Exec.ReadAsync(new Command("git", "init", "--quiet", "--bare", "--initial-branch=main", Scratch[Remote]), _ct);
        return await StartSshAsync(Remote);
    }

    private string StartS3()
    {
        _s3 = FakeS3.Start();
        _servers.Push(_s3);
        ClientUrl = $"{_s3.Endpoint}{FakeS3.Bucket}/yum/{Below}/";
        return $"s3://{FakeS3.Bucket}/yum?endpoint={Uri.EscapeDataString(_s3.Endpoint)}&region=us-east-1";
    }

    private void WriteSettings(string name, string url) => Scratch.Write(name, $"""
        [project]
        name = "demo"
        lockfiles = []

        [target.local]
        image = "rootfs:distro.tar"

        [signing]
        key = "{Key.Fingerprint}"

        [repository.qa]
        url = "{url}"
        base-url = "{ClientUrl[..^(Below.Length + 1)]}"
        """);
}
