using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.RegularExpressions;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Engines;

/// <summary>A daemon of docker with a store and a socket of its own, so that the machine's one is left alone. Only root can have one.</summary>
internal sealed partial class DockerHome : IAsyncDisposable
{
    private readonly Scratch _scratch;
    private readonly Process _daemon;

    private DockerHome(Scratch scratch, Process daemon) => (_scratch, _daemon) = (scratch, daemon);

    /// <summary>Why there can be none here, or null.</summary>
    public static string? WhyNot => Environment.IsPrivilegedProcess ? Exec.Find("dockerd") is null ? "docker's daemon is not installed." : null : "Only root can have a docker of its own.";

    /// <summary>docker with this daemon.</summary>
    public EngineProgram Program => EngineProgram.Docker(null) with { Environment = ImmutableDictionary<string, string?>.Empty.Add("DOCKER_HOST", $"unix://{_scratch["s"]}") };

    public static async Task<DockerHome> StartAsync(CancellationToken ct)
    {
        var scratch = new Scratch();

        // In a mount namespace of its own: what a daemon that was killed has mounted goes with it. It needs no network, and changes none.
        string[] words =
        [
            "--mount", "--kill-child", "--fork", "dockerd", "--data-root", scratch["d"], "--exec-root", scratch["e"], "--pidfile", scratch["pid"], "--host", $"unix://{scratch["s"]}",
            "--bridge", "none", "--iptables=false", "--ip6tables=false", "--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", Path.GetFileName(scratch.Root),
        ];
        var start = new ProcessStartInfo("unshare", words) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        var daemon = Process.Start(start)!;
        var said = new List<string>();
        while (await daemon.StandardError.ReadLineAsync(ct) is { } line)
        {
            said.Add(line);
            if (Listening().IsMatch(line))
            {
                // Somebody has to go on reading.
                daemon.BeginOutputReadLine();
                _ = daemon.StandardError.ReadToEndAsync(CancellationToken.None);
                return new DockerHome(scratch, daemon);
            }
        }

        throw new InvalidOperationException($"dockerd did not start: {string.Join('\n', said)}");
    }

    /// <summary>The names of everything that containers left, apart from prepared roots and whole images.</summary>
    public async Task<string> LeftAsync() => string.Concat(
        await ReadAsync("ps", "--all", "--format", "{{.Names}}"),
        await ReadAsync("volume", "ls", "--format", "{{.Name}}"),
        await ReadAsync("images", "--all", "--filter", "reference=localhost/dotnet-release/step", "--format", "{{.Tag}}"),
        await ReadAsync("images", "--filter", "dangling=true", "--format", "{{.ID}}"));

    public Task<string> ReadAsync(params string[] arguments) => Program.ReadAsync([.. arguments], CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Exec.RunAsync(new Command("kill", "-TERM", await File.ReadAllTextAsync(_scratch["pid"])), CancellationToken.None);
        await _daemon.WaitForExitAsync();
        _daemon.Dispose();
        foreach (var group in Directory.EnumerateDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup").Select(tree => Path.Combine(tree, Path.GetFileName(_scratch.Root))).Where(Directory.Exists))
        {
            await Exec.RunAsync(new Command("rmdir", group), CancellationToken.None);
        }

        _scratch.Dispose();
    }

    [GeneratedRegex("API listen on")]
    private static partial Regex Listening();
}
