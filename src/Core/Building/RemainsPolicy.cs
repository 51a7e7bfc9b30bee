namespace DotnetRelease.Building;

/// <summary>Alarms about what a removal of packages leaves, and what it should not have touched.</summary>
/// <param name="job">The packages.</param>
/// <param name="found">What was found.</param>
internal sealed class RemainsPolicy(InstallJob job, Remains found)
{
    /// <summary>Everything that was found.</summary>
    public IEnumerable<Alarm> Alarms() => AlarmCap.Of(
    [
        .. found.Files.Select(path => Alarm(AlarmKind.FilesStay, path, $"'{path}' was not there before it was installed, stays when it is removed, and belongs to no package. What a scriptlet or the program itself writes is listed as %ghost, or removed in %postun.")),
        .. found.Accounts.Select(account => Alarm(AlarmKind.UsersStay, null, $"the {account} was made when it was installed, and stays when it is removed.")),
        .. found.Changed.Select(path => Alarm(AlarmKind.OthersChanged, path, $"'{path}' belongs to others, and is not as it was after it was installed and removed.")),
    ]);

    private Alarm Alarm(AlarmKind kind, string? file, string text)
    {
        // Which of several packages did it cannot be told from outside.
        var main = (job.Packages.FirstOrDefault(package => package.Nevra.Name == job.Build.Rpm.Name) ?? job.Packages[0]).Nevra;
        return new(kind, main.Name, job.Spec, $"{main}: {text}") { Version = main.Version, File = file };
    }
}
