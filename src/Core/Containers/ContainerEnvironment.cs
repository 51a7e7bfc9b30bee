using System.Collections.Immutable;
using DotnetRelease.Images;

namespace DotnetRelease.Containers;

/// <summary>The variables of a command, <c>NAME=value</c> each: nothing of this machine's. Whoever starts it adds the HOME of its user.</summary>
internal static class ContainerEnvironment
{
    private static readonly string[] Ours =
        ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "container=oci"];

    /// <summary>Adds what programs have to know about the terminal that shows theirs.</summary>
    internal static Sandbox OnTerminal(Sandbox sandbox) =>
        sandbox.Environment.ContainsKey("TERM") ? sandbox : sandbox.With("TERM", Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } kind ? kind : "xterm");

    /// <summary>Later ones win: ours, the image's, the command's.</summary>
    internal static ImmutableArray<string> Of(Sandbox sandbox, ImageConfig config)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in (string[])[.. Ours, .. config.Environment])
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                variables[variable[..equals]] = variable[(equals + 1)..];
            }
        }

        foreach (var (name, value) in sandbox.Environment)
        {
            variables[name] = value;
        }

        var lines = new List<string>(variables.Count);
        foreach (var (name, value) in variables)
        {
            lines.Add($"{name}={value}");
        }

        return [.. lines];
    }
}
