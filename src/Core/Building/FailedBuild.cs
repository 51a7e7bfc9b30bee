using System.Collections.Immutable;
using DotnetRelease.Containers;

namespace DotnetRelease.Building;

/// <summary>A build that has failed, while its root is still there.</summary>
/// <param name="job">What was built.</param>
/// <param name="failure">Why it failed.</param>
/// <param name="root">The build's container.</param>
/// <param name="build">The command that builds, as it was run.</param>
public sealed class FailedBuild(BuildJob job, ReleaseException failure, IContainer root, Sandbox build)
{
    /// <summary>The variable of the shell that holds the build's command line.</summary>
    public const string AgainVariable = "BUILD";

    /// <summary>Where rpm unpacks and compiles, and before that is there, the folder above.</summary>
    private const string Script = "cd BUILD 2> /dev/null; command -v bash > /dev/null && exec bash; exec sh";

    /// <summary><c>python3-greeter on fedora-43</c>.</summary>
    public string Name => job.ToString();

    /// <summary>Why it failed, with the end of the log.</summary>
    public ReleaseException Failure => failure;

    /// <summary>Where the spec is inside.</summary>
    public string Spec => RpmBuilder.SpecInside(job);

    /// <summary>Where the sources are inside.</summary>
    public static string Sources => BuildMacros.Sources;

    /// <summary>
    /// Opens a shell on our terminal that has what the build had: its files as the failure left them, its environment, its capabilities, and
    /// no network. What is changed in there is gone with the root.
    /// </summary>
    /// <returns>The shell's exit code.</returns>
    public Task<int> OpenShellAsync(CancellationToken ct) => root.RunAsync(
        (build with { Command = ["sh", "-c", Script], ProveNoNetwork = false, Limits = job.Limits with { Time = null }, Input = true, Terminal = true })
            .With(AgainVariable, Quote(build.Command)),
        ct);

    /// <summary>The words for a shell's eval.</summary>
    internal static string Quote(ImmutableArray<string> words) => string.Join(' ', words.Select(word =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=+:,@".Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
}
