using System.Collections.Immutable;
using DotnetRelease.Images;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs.Doctor;

/// <summary>The machines that a project's targets are for, where this one is another. They need not be built here: a CI system may have such machines.</summary>
internal static class ArchitectureChecks
{
    internal static ImmutableArray<DoctorCheck> Run(Settings? settings) =>
    [
        .. from target in settings?.Targets ?? []
           from arch in target.Archs
           where Platform.OfRpm(arch) != Platform.Current
           select Of($"{target.Name} ({arch})", BuildWay.Of(arch, BuildWays.EngineOf(target.Name, settings!))),
    ];

    internal static DoctorCheck Of(string name, BuildWay way) =>
        (way.Name is BuildWay.Impossible ? DoctorCheck.Bad(name, way.Text, way.Fix) : DoctorCheck.Good(name, $"built {way.Text}")) with { IsNeeded = false };
}
