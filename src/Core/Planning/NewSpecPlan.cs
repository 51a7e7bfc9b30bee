using System.Collections.Immutable;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Planning;

/// <summary>Which locked wheels a new spec is made of.</summary>
/// <param name="Rpm">As the settings have it, or as they are to have it.</param>
/// <param name="Machines">Every machine of its targets with one wheel for each package, in the order of <see cref="RpmSettings.Follows"/>.</param>
public sealed record NewSpecPlan(RpmSettings Rpm, ImmutableArray<(string Arch, ImmutableArray<PlannedSource> Wheels)> Machines)
{
    /// <summary>Every wheel once.</summary>
    public ImmutableArray<PlannedSource> Sources => [.. Machines.SelectMany(machine => machine.Wheels).DistinctBy(wheel => wheel.File, StringComparer.Ordinal)];

    /// <summary>The lines of <c>release.toml</c> for the RPM.</summary>
    public string Lines
    {
        get
        {
            static string List(IEnumerable<string> names) => $"[{string.Join(", ", names.Select(Quoted))}]";
            var targets = Rpm.Targets.IsEmpty ? "" : $"targets = {List(Rpm.Targets)}\n";
            return $"[[rpm]]\nname = {Quoted(Rpm.Name)}\nspec = {Quoted(Rpm.Spec)}\nfollows = {List(Rpm.Follows)}\nversion-of = {Quoted(Rpm.VersionOf!)}\n{targets}";
        }
    }

    /// <summary>Chooses the wheels.</summary>
    /// <param name="rpm">Names the packages and the targets; without a target it is for x86_64 of any distro.</param>
    /// <param name="inputs">Settings that know the targets, and the locks.</param>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.PackageNotLocked"/>, <see cref="Fault.VersionAmbiguous"/>, <see cref="Fault.WheelNotFound"/>, <see cref="Fault.SourceWithoutDigest"/>.
    /// </exception>
    public static NewSpecPlan Of(RpmSettings rpm, PlanInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(rpm);
        ArgumentNullException.ThrowIfNull(inputs);
        var packages = LockedChoice.Of(rpm, inputs.Locks).Packages;
        var machines = rpm.Targets.Select(name => inputs.Settings.FindTarget(name)!).SelectMany(target => target.Archs.Select(arch => DistroFacts.Of(target, arch))).ToList();
        var archs = machines.Select(machine => machine.Arch).DefaultIfEmpty("x86_64").Distinct(StringComparer.Ordinal);
        return new(rpm, [.. archs.Select(arch => (arch, packages.Select(package => Wheel(package.New, new WheelTarget(arch).On(machines))).ToImmutableArray()))]);
    }

    private static PlannedSource Wheel(LockedPackage package, WheelTarget target)
    {
        var file = WheelChoice.Choose(package, target);
        return file.Digest.Sha256 is { } digest
            ? new PlannedSource(file.Name, digest, file.Position) { Package = package.Name, Url = file.Url, Size = file.Size }
            : throw new ReleaseException(Fault.SourceWithoutDigest, $"The lock has no sha256 of '{file.Name}'.", file.Position) { Remedy = "Write the lock again with its own tool." };
    }

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
