using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Containers;

namespace DotnetRelease.Building;

/// <summary>Runs the commands of one job and keeps a log of each.</summary>
/// <param name="name">Of the job, for messages.</param>
/// <param name="logFolder">For the logs.</param>
/// <param name="limits">For each command.</param>
internal sealed class BuildStep(string name, string logFolder, Limits limits)
{
    /// <summary>The steps of a build.</summary>
    public BuildStep(BuildJob job)
        : this(job.ToString(), job.LogFolder, job.Limits)
    {
    }

    /// <summary>rpmbuild's way to say that dynamic build requirements are missing.</summary>
    public const int RequirementsMissing = 11;

    private readonly List<string> _done = [];

    /// <summary>Runs a command; any exit code but 0 and those in <paramref name="alsoFine"/> ends the job.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ReleaseException"><paramref name="fault"/>, or <see cref="Fault.BuildNeedsNetwork"/> when the log shows why.</exception>
    public async Task<int> RunAsync(string step, IContainer container, Sandbox sandbox, Fault fault, ImmutableArray<int> alsoFine, CancellationToken ct)
    {
        _done.Add(step);
        var file = string.Create(CultureInfo.InvariantCulture, $"{_done.Count:00}-{step}.log");
        await using var log = new BuildLog(Path.Combine(logFolder, file));
        sandbox = sandbox with { Limits = limits };
        int code;
        try
        {
            code = await sandbox.WithinTimeAsync(stop => container.RunAsync(sandbox, output => log.Write(output.Span), stop), ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.LimitReached)
        {
            throw Failure(step, log, Fault.LimitReached, $"was ended at the time limit of {Limits.TimeText(limits.Time!.Value)}");
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.DiskAlmostFull)
        {
            throw Failure(step, log, ex.Fault, ex.Message.TrimEnd('.'));
        }

        return code is 0 || alsoFine.Contains(code) ? code : throw Explain(step, log, (fault, code), sandbox);
    }

    /// <summary>What the log shows besides the exit code.</summary>
    private ReleaseException Explain(string step, BuildLog log, (Fault Fault, int Code) end, Sandbox sandbox)
    {
        if (log.RanOut && (limits.Memory is not null || limits.Processes is not null))
        {
            return Failure(step, log, Fault.LimitReached, $"exited with {end.Code} after it could get no more memory or processes than its limits allow");
        }

        if (end.Code is Lingering.Code && Lingering.Find(log.Tail) is { } processes)
        {
            return Failure(step, log, end.Fault, $"ended and left processes running, which a build may not: {processes}");
        }

        if (log.FoundDiskFull)
        {
            return new ReleaseException(Fault.WriteFailed, $"{name}: the step '{step}' exited with {end.Code} after a disk was full; its log is {log.Path}.")
            {
                Transcript = log.Tail,
                Remedy = "Make room where containers are kept, in DOTNET_RELEASE_DATA or ~/.local/share/dotnet-release, and run the command again.",
            };
        }

        return sandbox.Network is Network.None && log.WantedNetwork ? NeedsNetwork(step, log, end.Code) : Failure(step, log, end.Fault, $"exited with {end.Code}");
    }

    private ReleaseException NeedsNetwork(string step, BuildLog log, int code) =>
        new(Fault.BuildNeedsNetwork, $"{name}: the step '{step}' exited with {code} after it tried to reach the network, and the build phase has no network; its log is {log.Path}.")
        {
            Transcript = log.Tail,
        };

    private ReleaseException Failure(string step, BuildLog log, Fault fault, string end) =>
        new(fault, $"{name}: the step '{step}' {end}; its log is {log.Path}.") { Transcript = log.Tail };
}
