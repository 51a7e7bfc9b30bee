using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs.Doctor;

/// <summary>podman and docker: whether they are there, and whether they answer. They count where the settings choose them.</summary>
/// <param name="machine">Which programs there are.</param>
internal sealed class EngineChecks(MachinePrograms machine)
{
    /// <summary>One that does not answer within this time is none to build with.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The engines that a project builds with, and those that it could.</summary>
    internal async Task<ImmutableArray<DoctorCheck>> RunAsync(Settings? settings, CancellationToken ct)
    {
        var chosen = Chosen(settings);
        EngineChoice[] all = [.. chosen.Where(choice => choice.Kind is not EngineKind.Embedded), .. ((EngineChoice[])[new(EngineKind.Podman), new(EngineKind.Docker)]).Except(chosen)];
        return [.. await Task.WhenAll(all.Select(async choice => await TryAsync(choice, ct) with { IsNeeded = chosen.Contains(choice) }))];
    }

    /// <summary>What the targets of a project are built with; without any, what the settings or nobody chose.</summary>
    internal static ImmutableArray<EngineChoice> Chosen(Settings? settings)
    {
        var here = settings?.Engine is { } name ? EngineChoice.Parse(name) : EngineChoice.Default;
        return settings is { Targets.IsEmpty: false } ? [.. settings.Targets.Select(target => here.At(target.EngineHost)).Distinct()] : [here];
    }

    private async Task<DoctorCheck> TryAsync(EngineChoice choice, CancellationToken ct)
    {
        var (program, package, version) = choice.Kind is EngineKind.Podman
            ? (EngineProgram.Podman(choice.Host), ProgramPackage.Podman, "{{.Version.Version}}")
            : (EngineProgram.Docker(choice.Host), ProgramPackage.Docker, "{{.ServerVersion}}");
        if (machine.Find(program.Name) is null)
        {
            return DoctorCheck.Bad(choice.ToString(), "not installed", machine.InstallLine(package));
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            return DoctorCheck.Good(choice.ToString(), $"{await program.ReadAsync(["info", "--format", version], patience.Token)}, answers");
        }
        catch (ReleaseException ex)
        {
            return DoctorCheck.Bad(choice.ToString(), ex, FixOf(choice, ex.Message, program.Call("info").ToString()));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return DoctorCheck.Bad(choice.ToString(), $"did not answer within {Patience.TotalSeconds:0} seconds", program.Call("info").ToString());
        }
    }

    /// <summary>docker fails in two ways that have one cure each; for all else its own words are the best that there is.</summary>
    internal static string FixOf(EngineChoice choice, string said, string question) => choice switch
    {
        { Kind: EngineKind.Docker, Host: null } when said.Contains("permission denied", StringComparison.OrdinalIgnoreCase) => $"sudo usermod --append --groups docker {Environment.UserName}   (then log in again)",
        { Kind: EngineKind.Docker, Host: null } when said.Contains("Is the docker daemon running", StringComparison.OrdinalIgnoreCase) => "sudo systemctl start docker",
        _ => question,
    };
}
