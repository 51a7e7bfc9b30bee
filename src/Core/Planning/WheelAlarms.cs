using System.Collections.Immutable;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Planning;

/// <summary>
/// Followed packages whose wheels run no longer where the RPM is built for. A package that also has a source archive may be built from that:
/// for it only the loss of a wheel that was there counts.
/// </summary>
/// <param name="settings">The targets.</param>
internal sealed class WheelAlarms(Settings settings)
{
    public IEnumerable<Alarm> Of(RpmSettings rpm, Lockfile? before, Lockfile after)
    {
        foreach (var name in rpm.Follows)
        {
            // A lock has several versions for several Pythons: one that runs there is enough.
            var versions = after.Packages.Where(package => package.Key == name && !Wheels([package]).IsEmpty).OrderBy(package => package.Version, PythonVersion.Order).ToImmutableArray();
            if (versions is not [.., var newest])
            {
                continue;
            }

            var (wheels, old) = (Wheels(versions), Wheels([.. (before?.Packages ?? []).Where(package => package.Name == name)]));
            var hasArchive = versions.Sum(package => package.Files.Length) > wheels.Length;
            foreach (var (target, machine) in rpm.Targets.Select(target => settings.FindTarget(target)!).SelectMany(Machines))
            {
                if (!Fits(wheels, machine) && (!hasArchive || Fits(old, machine)))
                {
                    yield return Raise(newest, wheels, target, machine);
                }
            }
        }
    }

    private static IEnumerable<(TargetSettings Target, WheelTarget Machine)> Machines(TargetSettings target) =>
        target.Archs.Select(arch => (target, DistroFacts.Of(target, arch)));

    private static Alarm Raise(LockedPackage package, ImmutableArray<WheelName> wheels, TargetSettings target, WheelTarget machine)
    {
        var ofMachine = wheels.Where(wheel => Fits([wheel], new WheelTarget(machine.Arch))).Select(wheel => wheel.File).ToList();
        var text = ofMachine is []
            ? $"{package.Name} {package.Version} has no wheel for {machine.Arch}, a machine of {target.Name}; it has {string.Join(", ", wheels.Select(wheel => wheel.File))}."
            : $"{package.Name} {package.Version} has no wheel that runs on {target.Name}, which has {Facts(machine)}; for {machine.Arch} it has {string.Join(", ", ofMachine)}.";
        return new(ofMachine is [] ? AlarmKind.WheelMissing : AlarmKind.WheelTooNew, package.Name, package.Position, text) { Version = package.Version };
    }

    private static bool Fits(ImmutableArray<WheelName> wheels, WheelTarget machine) => wheels.Any(wheel => WheelTags.Rank(wheel, machine) is not null);

    private static ImmutableArray<WheelName> Wheels(ImmutableArray<LockedPackage> packages) =>
        [.. packages.SelectMany(package => package.Files).Select(file => WheelName.TryParse(file.Name, out var wheel) ? wheel : null).OfType<WheelName>()];

    private static string Facts(WheelTarget machine) => string.Join(" and ", new[]
    {
        machine.Libc is { } libc ? $"glibc {libc.Major}.{libc.Minor}" : null,
        machine.Python is { } python ? $"Python {python.Major}.{python.Minor}" : null,
    }.OfType<string>());
}
