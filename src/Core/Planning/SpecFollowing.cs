using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Specs;

namespace DotnetRelease.Planning;

/// <summary>What a spec has to be brought in line with, by the settings and the locks.</summary>
public static class SpecFollowing
{
    /// <summary>The request for an RPM; null when it follows no package.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PackageNotLocked"/> or <see cref="Fault.VersionAmbiguous"/>.</exception>
    public static SpecUpdateRequest? RequestOf(RpmSettings rpm, SpecFolder folder, PlanInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(rpm);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(inputs);
        var locked = LockedChoice.Of(rpm, inputs.Locks);
        return locked.Version is { } version ? RequestOf(rpm, folder, (version, locked.Packages), inputs.Settings) : null;
    }

    internal static SpecUpdateRequest RequestOf(
        RpmSettings rpm, SpecFolder folder, (LockedPackage Version, ImmutableArray<FollowedPackage> Packages) locked, Settings settings) =>
        new(folder.Spec, locked.Version.Version, locked.Packages)
        {
            Archs = [.. rpm.Targets.SelectMany(name => settings.FindTarget(name)?.Archs ?? []).Distinct(StringComparer.Ordinal).DefaultIfEmpty("x86_64")],
            Machines =
            [
                .. from name in rpm.Targets
                   let target = settings.FindTarget(name)!
                   from arch in target.Archs
                   select new SpecMachine(DistTag.Of(target), DistroFacts.Of(target, arch)),
            ],
            OtherDigests = [.. folder.Sources?.Lines.Select(line => line.Digest) ?? [], .. folder.Files.Values],
        };
}
