using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Containers;
using DotnetRelease.Facts;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs.Doctor;

/// <summary>Tries everything that commands need from this machine, for real, and says how to mend what does not work.</summary>
/// <param name="places">Where the user's files are.</param>
/// <param name="workspace">The project, whose settings choose an engine, a key, repositories; null: none.</param>
/// <param name="reporter">Hears of progress.</param>
public sealed class DoctorRun(Places places, Workspace? workspace, IReporter reporter)
{
    /// <summary>Where the key of the settings should be.</summary>
    public Gpg Gpg { get; init; } = new();

    internal MachinePrograms Programs { get; init; } = new(Distribution.OfThisMachine());

    /// <summary>One check for each piece, in the order in which they stand on each other.</summary>
    public async Task<ImmutableArray<DoctorCheck>> RunAsync(CancellationToken ct)
    {
        using var stage = reporter.Stage("doctor");
        var isEmbedded = EngineChecks.Chosen(workspace?.Settings).Any(choice => choice.Kind is EngineKind.Embedded);
        var git = Programs.Find("git") is not null ? await LastCommitAsync(ct) : null;
        return
        [
            .. MachineChecks.Run(places, Latest([git, Written(), Built()])),
            .. from check in await new ContainerChecks(places, Programs).RunAsync(ct) select check with { IsNeeded = isEmbedded },
            .. await new EngineChecks(Programs).RunAsync(workspace?.Settings, ct),
            .. ArchitectureChecks.Run(workspace?.Settings),
            .. await new SigningChecks(Gpg, Programs).RunAsync(workspace?.Settings.Signing?.Key, ct),
            .. await new ProjectChecks(Programs).RunAsync(workspace, ct),
        ];
    }

    internal static Witness Latest(IEnumerable<Witness?> witnesses) => witnesses.OfType<Witness>().MaxBy(witness => witness.Time)!;

    private async Task<Witness?> LastCommitAsync(CancellationToken ct)
    {
        var outcome = workspace is null ? null : await Exec.RunAsync(new Git(workspace.Folder).Command("log", "-1", "--format=%ct"), ct);
        return outcome is { ExitCode: 0 } && long.TryParse(outcome.Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? new Witness("the last commit", DateTimeOffset.FromUnixTimeSeconds(seconds))
            : null;
    }

    private Witness? Written()
    {
        try
        {
            return workspace is not null && Ledger.Open(Ledger.PathIn(workspace.Folder), reporter).Facts is [.., var last] ? new Witness("the last fact of the ledger", last.At) : null;
        }
        catch (ReleaseException)
        {
            // A broken ledger is no matter of the clock; 'status' speaks of it.
            return null;
        }
    }

    private static Witness Built() => new("this tool's installation", new DateTimeOffset(File.GetLastWriteTimeUtc(typeof(DoctorRun).Assembly.Location)));
}
