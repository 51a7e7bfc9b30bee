using System.Collections.Immutable;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Planning;

/// <summary>What a distro has itself of the packages that an RPM of the project is made of.</summary>
/// <param name="Target">The settings' name of the target.</param>
/// <param name="Arch">The machine that was asked for.</param>
public sealed record DistroOffer(string Target, string Arch)
{
    /// <summary>The newest of each, as far as there is one.</summary>
    public ImmutableArray<OfferedPackage> Packages { get; init; } = [];

    /// <summary>Why nobody knows; null when it is known.</summary>
    public string? Unknown { get; init; }
}

/// <summary>A package of a distro.</summary>
/// <param name="Asked">What was asked for: the name of an RPM, or of a locked package.</param>
/// <param name="Name">Name of the RPM that answers.</param>
/// <param name="Version">Its version.</param>
/// <param name="Release">Its release.</param>
/// <param name="Repository">The repository that has it.</param>
public sealed record OfferedPackage(string Asked, string Name, string Version, string Release, string Repository)
{
    /// <summary>The version as Python writes it: RPM's tilde stands before pre-releases.</summary>
    public string PythonVersion => Version.Replace("~", "", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Version}-{Release} ({Repository})";
}

/// <summary>What a distro's own packages mean for one RPM of the project.</summary>
/// <param name="Target">The settings' name of the target.</param>
/// <param name="Arch">The machine.</param>
/// <param name="State"><c>ships</c>: the same or a newer version; <c>older</c>, <c>none</c>, or <c>unknown</c>.</param>
/// <param name="Why">The whole of it in one sentence, without the full stop.</param>
public sealed record ExplainedOffer(string Target, string Arch, string State, string Why)
{
    internal static ExplainedOffer Of(DistroOffer offer, PlannedRpm rpm, RpmSettings settings, ImmutableArray<ExplainedRequirement> requirements)
    {
        if (offer.Unknown is { } why)
        {
            return new(offer.Target, offer.Arch, "unknown", why);
        }

        var own = offer.Packages.Where(package => package.Asked == rpm.Name || package.Asked == settings.VersionOf)
            .MaxBy(package => package.PythonVersion, PythonVersion.Order);
        var (state, text) = own switch
        {
            null => ("none", $"{offer.Target} has no package of its own for it"),
            _ when PythonVersion.Compare(own.PythonVersion, rpm.Version.Replace("~", "", StringComparison.Ordinal)) >= 0 =>
                ("ships", $"{offer.Target} has {own} itself: there, {rpm.Name} {rpm.Version} of this project is not needed any more"),
            _ => ("older", $"{offer.Target} has {own}, which is older"),
        };
        var refused = from requirement in requirements
                      from package in offer.Packages
                      where package.Asked == requirement.Dependency.Name && requirement.Dependency.Bounds?.Allows(package.PythonVersion) is false
                      select $"; {requirement.Dependency.Position} does NOT allow its {package}, so an update to that breaks the installation";
        return new(offer.Target, offer.Arch, state, text + string.Concat(refused));
    }
}
