using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Specs;
using DotnetRelease.WheelFiles;

namespace DotnetRelease.NewSpecs;

/// <summary>A locked wheel and what is in it.</summary>
/// <param name="File">Its name.</param>
/// <param name="Digest">As locked.</param>
/// <param name="Metadata">What it says about itself.</param>
/// <param name="Tree">What an installer makes of it.</param>
public sealed record SpecWheel(WheelName File, Digest Digest, WheelMetadata Metadata, WheelTree Tree)
{
    /// <summary>The library folder as a macro of Fedora's and openSUSE's Python.</summary>
    internal string Site => Tree.IsPure ? "%{python3_sitelib}" : "%{python3_sitearch}";
}

/// <summary>The wheels for one machine, one for each package.</summary>
/// <param name="Arch">In RPM's words.</param>
/// <param name="Wheels">In the same order for every machine; the first gives the version.</param>
public sealed record MachineWheels(string Arch, ImmutableArray<SpecWheel> Wheels);

/// <summary>What a new spec is written from.</summary>
/// <param name="Name">Of the RPM.</param>
/// <param name="Machines">One at least; the first one's wheels say what is inside.</param>
/// <param name="Author">Of the changelog entry.</param>
public sealed record NewSpecRequest(string Name, ImmutableArray<MachineWheels> Machines, SpecAuthor Author)
{
    /// <summary>The wheels of the first machine.</summary>
    public ImmutableArray<SpecWheel> Wheels => Machines[0].Wheels;

    /// <summary>The version as Python writes it.</summary>
    public string Version => Wheels[0].Metadata.Version;
}
