using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;

namespace DotnetRelease.Containers;

/// <summary>A sandbox as arguments of <c>podman run</c> and <c>docker run</c>.</summary>
internal static class RunArguments
{
    /// <summary>In the name of a variable these mean something to the engines, in a file or when an image is made.</summary>
    private static readonly SearchValues<char> Unusual = SearchValues.Create(" \t\n\r\0\"'#$\\*");

    /// <summary>How every container of ours is made, started or not.</summary>
    internal static ImmutableArray<string> Common(EngineProgram program, string name) =>
    [
        "--name", name, "--label", $"{CommandLineEngine.Label}=run", "--pull", "never",

        // What is left when we remove it has nothing more to say.
        "--stop-timeout", "0", "--log-driver", "none",
        .. program.ForContainers,
    ];

    /// <summary>What the container is allowed and what it sees.</summary>
    internal static ImmutableArray<string> Of(EngineProgram program, Sandbox sandbox) =>
    [
        "--hostname", sandbox.Hostname,
        "--network", sandbox.Network is Network.Host ? "host" : "none",
        "--cap-drop", "ALL",
        .. sandbox.Capabilities.SelectMany(capability => (string[])["--cap-add", capability]),
        "--security-opt", "no-new-privileges",
        "--tmpfs", $"/tmp:{program.TemporaryFolderOptions}",
        .. sandbox.ReadOnlyRoot ? (string[])["--read-only", "--tmpfs", "/var/tmp:rw,exec,mode=1777", "--tmpfs", "/run:rw,exec,mode=755"] : [],

        // Without it, it is the image's own, which the engines make when it is missing.
        .. sandbox.WorkingDirectory is { Length: > 0 } folder ? (string[])["--workdir", folder] : [],
        .. sandbox.User is { Length: > 0 } user ? (string[])["--user", user] : [],
        .. Held(sandbox.Limits),
    ];

    /// <summary>What a machine cannot hold, the engine refuses in its own words. The time is kept by whoever waits.</summary>
    private static ImmutableArray<string> Held(Limits limits) =>
    [
        .. limits.Memory is { } memory ? (string[])["--memory", $"{memory}"] : [],
        .. limits.Processes is { } processes ? (string[])["--pids-limit", $"{processes}"] : [],
        .. limits.Processors is { } processors ? (string[])["--cpus", processors.ToString(CultureInfo.InvariantCulture)] : [],
    ];

    /// <summary>A folder or file of this machine, for an engine that runs here.</summary>
    internal static ImmutableArray<string> Bind(Volume volume) => ["--mount", Mount("bind", volume.Source, volume)];

    /// <summary>A volume of the engine with a copy of the folder.</summary>
    internal static ImmutableArray<string> Copy(string copy, Volume volume) => ["--mount", Mount("volume", copy, volume)];

    /// <summary>The lines of <c>--env-file</c>: values on a command line would lie open to every user of the machine.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.EngineLacks"/> for what cannot be said in lines.</exception>
    internal static string EnvironmentFile(EngineProgram program, IEnumerable<string> variables)
    {
        var lines = variables.ToList();
        if (lines.Select(line => line[..line.IndexOf('=', StringComparison.Ordinal)]).FirstOrDefault(name => name.AsSpan().ContainsAny(Unusual)) is { } unusual)
        {
            throw new ReleaseException(Fault.EngineLacks, $"The name of the variable '{unusual}' has a character that {program.Name} takes for something else.");
        }

        return lines.FirstOrDefault(line => line.AsSpan().ContainsAny('\n', '\r', '\0')) is { } broken
            ? throw new ReleaseException(
                Fault.EngineLacks, $"The variable '{broken[..broken.IndexOf('=', StringComparison.Ordinal)]}' has more than one line, and {program.Name} takes variables line by line.")
            {
                Remedy = "Use the embedded engine, or put the text into a file and show it with a volume.",
            }
            : string.Concat(lines.Select(line => line + "\n"));
    }

    private static string Mount(string type, string source, Volume volume) =>
        string.Join(',', [$"type={type}", Quote($"source={source}"), Quote($"target={volume.Destination}"), .. volume.ReadOnly ? (string[])["ro"] : []]);

    /// <summary>The engines read a mount as a line of CSV (RFC 4180).</summary>
    private static string Quote(string field) =>
        field.AsSpan().ContainsAny(',', '"', '\n') ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
}
