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
        sandbox = sandbox with { Limits = job.Limits };
        int code;
        try
        {
            code = await sandbox.WithinTimeAsync(stop => container.RunAsync(sandbox, output => log.Write(output.Span), stop), ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.LimitReached)
        {
            throw Failure(name, log, Fault.LimitReached, $"was ended at the time limit of {Limits.TimeText(job.Limits.Time!.Value)}");
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.DiskAlmostFull)
        {
            throw Failure(name, log, ex.Fault, ex.Message.TrimEnd('.'));
        }

        return code is 0 || alsoFine.Contains(code) ? code : throw Explain(name, log, (fault, code), sandbox);
    }

    /// <summary>What the log shows besides the exit code.</summary>
    private ReleaseException Explain(string name, BuildLog log, (Fault Fault, int Code) end, Sandbox sandbox)
    {
        if (log.RanOut && (job.Limits.Memory is not null || job.Limits.Processes is not null))
        {
            return Failure(name, log, Fault.LimitReached, $"exited with {end.Code} after it could get no more memory or processes than its limits allow");
        }

        if (log.FoundDiskFull)
        {
            return new ReleaseException(Fault.WriteFailed, $"{job}: the step '{name}' exited with {end.Code} after a disk was full; its log is {log.Path}.")
            {
                Transcript = log.Tail,
                Remedy = "Make room where containers are kept, in DOTNET_RELEASE_DATA or ~/.local/share/dotnet-release, and run the command again.",
            };
        }

        return sandbox.Network is Network.None && log.WantedNetwork ? NeedsNetwork(name, log, end.Code) : Failure(name, log, end.Fault, $"exited with {end.Code}");
    }

    private ReleaseException NeedsNetwork(string name, BuildLog log, int code) =>
        new(Fault.BuildNeedsNetwork, $"{job}: the step '{name}' exited with {code} after it tried to reach the network, and the build phase has no network; its log is {log.Path}.")
        {
            Transcript = log.Tail,
        };

    private ReleaseException Failure(string name, BuildLog log, Fault fault, string end) =>
        new(fault, $"{job}: the step '{name}' {end}; its log is {log.Path}.") { Transcript = log.Tail };
}
