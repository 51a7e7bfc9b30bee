using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Engines;

/// <summary>A podman with a store of its own, so that neither the machine's containers nor other tests are in the way.</summary>
internal sealed class PodmanHome : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly CancellationTokenSource _stop = new();
    private Task? _service;

    public PodmanHome() => Variables = Write(_scratch.Root, Environment.IsPrivilegedProcess);

    /// <summary>What a program needs to find this store.</summary>
    public ImmutableDictionary<string, string?> Variables { get; }

    /// <summary>Where its service listens when it runs.</summary>
    public string Url => $"unix://{_scratch["s"]}";

    /// <summary>podman with this store.</summary>
    public EngineProgram Program => EngineProgram.Podman(null) with { Environment = Variables };

    public Task<string> ReadAsync(params ImmutableArray<string> arguments) => Program.ReadAsync(arguments, CancellationToken.None);

    /// <summary>The names of everything that containers left, apart from prepared roots and whole images.</summary>
    public async Task<string> LeftAsync() => string.Concat(
        await ReadAsync("ps", "--all", "--format", "{{.Names}}"),
        await ReadAsync("volume", "ls", "--format", "{{.Name}}"),
        await ReadAsync("images", "--all", "--filter", "reference=localhost/dotnet-release/step", "--format", "{{.Tag}}"),
        await ReadAsync("images", "--filter", "dangling=true", "--format", "{{.ID}}"));

    /// <summary>Its service, which goes on until the end.</summary>
    public async Task ServeAsync(CancellationToken ct)
    {
        _service ??= Exec.RunAsync(Program.Call("system", "service", "--time", "0", Url), _stop.Token);
        while (!File.Exists(Url["unix://".Length..]) && !_service.IsCompleted)
        {
            await Task.Delay(20, ct);
        }
    }

    /// <summary>Says that everything of a podman lies in one folder.</summary>
    /// <returns>The variables that make podman believe it.</returns>
    public static ImmutableDictionary<string, string?> Write(string folder, bool isRoot)
    {
        // On hosts with version 1 of the control groups crun gives up; and podman's own default of open files is more than an ordinary user may have.
        var runtime = Exec.Find("runc") is null ? "" : "runtime = \"runc\"";
        var processes = isRoot ? ", \"nproc=4096:4096\"" : "";
        var (containers, storage) = (Path.Combine(folder, "containers.conf"), Path.Combine(folder, "storage.conf"));
        File.WriteAllText(containers, $"""
            [containers]
            default_ulimits = ["nofile=1024:1024"{processes}]
            [engine]
            {runtime}
            cgroup_manager = "cgroupfs"
            events_logger = "file"
            lock_type = "file"
            tmp_dir = "{folder}/t"
            """);
        File.WriteAllText(storage, $"""
            [storage]
            driver = "overlay"
            graphroot = "{folder}/g"
            rootless_storage_path = "{folder}/g"
            runroot = "{folder}/r"
            """);
        return ImmutableDictionary<string, string?>.Empty.Add("CONTAINERS_CONF", containers).Add("CONTAINERS_STORAGE_CONF", storage);
    }

    public void Dispose()
    {
        _stop.Cancel();
        (_service ?? Task.CompletedTask).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        // It unmounts, and ends the process that keeps the namespaces of an ordinary user.
        Program.TryAsync(["system", "reset", "--force"], CancellationToken.None).GetAwaiter().GetResult();
        _scratch.Dispose();
        _stop.Dispose();
    }
}
