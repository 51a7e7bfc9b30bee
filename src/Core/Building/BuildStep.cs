using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Containers;

namespace DotnetRelease.Building;

/// <summary>Runs the commands of one job and keeps a log of each.</summary>
/// <param name="job">For names and folders.</param>
internal sealed class BuildStep(BuildJob job)
{
    /// <summary>rpmbuild's way to say that dynamic build requirements are missing.</summary>
    public const int RequirementsMissing = 11;

    /// <summary>A hung build must end some day.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromHours(6);

    private readonly List<string> _done = [];

    /// <summary>Runs a command; any exit code but 0 and those in <paramref name="alsoFine"/> ends the job.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ReleaseException"><paramref name="fault"/>, or <see cref="Fault.BuildNeedsNetwork"/> when the log shows why.</exception>
    public async Task<int> RunAsync(string name, IContainer container, Sandbox sandbox, Fault fault, ImmutableArray<int> alsoFine, CancellationToken ct)
    {
        Directory.CreateDirectory(job.LogFolder);
        _done.Add(name);
        var file = string.Create(CultureInfo.InvariantCulture, $"{_done.Count:00}-{name}.log");
        await using var log = new BuildLog(Path.Combine(job.LogFolder, file));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeLimit);
        int code;
        try
        {
            code = await container.RunAsync(sandbox, output => log.Write(output.Span), limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw Failure(name, log, fault, $"was ended at the time limit of {TimeLimit.TotalHours} hours");
        }

        return code is 0 || alsoFine.Contains(code)
            ? code
            : throw (sandbox.Network is Network.None && log.WantedNetwork ? NeedsNetwork(name, log, code) : Failure(name, log, fault, $"exited with {code}"));
    }

    private ReleaseException NeedsNetwork(string name, BuildLog log, int code) =>
        new(Fault.BuildNeedsNetwork, $"{job}: the step '{name}' exited with {code} after it tried to reach the network, and the build phase has no network; its log is {log.Path}.")
        {
            Transcript = log.Tail,
        };

    private ReleaseException Failure(string name, BuildLog log, Fault fault, string end) =>
        new(fault, $"{job}: the step '{name}' {end}; its log is {log.Path}.") { Transcript = log.Tail };
}
