using DotnetRelease.Containers;
using DotnetRelease.Processes;

namespace DotnetRelease.Runs.Doctor;

/// <summary>Which programs this machine has, and how it gets others.</summary>
/// <param name="Distribution">Whose package manager installs them.</param>
internal sealed record MachinePrograms(Distribution Distribution)
{
    /// <summary>Where a program is, or null.</summary>
    internal Func<string, string?> Find { get; init; } = Exec.Find;

    internal string InstallLine(ProgramPackage package) => Distribution.InstallLine(package);

    /// <summary>Asks a program what it is.</summary>
    /// <param name="program">Its name; also that of the check.</param>
    /// <param name="package">What it comes with.</param>
    /// <param name="why">What it is for, for who does not have it.</param>
    /// <param name="ct">Ends it.</param>
    internal async Task<DoctorCheck> AskAsync(string program, ProgramPackage package, string why, CancellationToken ct)
    {
        if (Find(program) is not { } path)
        {
            return DoctorCheck.Bad(program, $"not installed; {why}", InstallLine(package));
        }

        // ssh has its own ways: its version comes after -V, on the other stream.
        var outcome = await Exec.RunAsync(new Command(path, program is "ssh" ? "-V" : "--version"), ct);
        var said = $"{outcome.Output}\n{outcome.Error}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "it said nothing";
        return outcome.ExitCode is 0 ? DoctorCheck.Good(program, said) : DoctorCheck.Bad(program, $"ended with {outcome.ExitCode}: {said}", InstallLine(package));
    }
}
