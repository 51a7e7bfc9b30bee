using System.Collections.Immutable;
using DotnetRelease.Specs;

namespace DotnetRelease.NewSpecs;

/// <summary>What the wheels of a spec hold together.</summary>
internal sealed record SpecContent(NewSpecRequest Request)
{
    /// <summary>Folders that no test imports.</summary>
    private static readonly string[] NotImported = ["tests", "test", "examples", "docs"];

    /// <summary>The version as RPM sorts it.</summary>
    public string RpmVersion { get; } = PythonVersions.ToRpm(Request.Version);

    /// <summary>The library folders in use, each with its files.</summary>
    public ImmutableArray<(string Site, ImmutableArray<string> Files)> Sites { get; } =
    [
        .. Request.Wheels.GroupBy(wheel => wheel.Site, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, group.SelectMany(wheel => wheel.Tree.Library.Where(file => !IsInfo(wheel, file))).ToImmutableArray())),
    ];

    public ImmutableArray<string> SharedObjects => [.. Sites.SelectMany(site => site.Files).Where(PrivateLibraries.IsSharedObject)];

    /// <summary>Whether rpm may call it <c>noarch</c>; a wheel for any machine with a library inside is wrong about itself.</summary>
    public bool IsNoarch => SharedObjects.IsEmpty && Request.Machines.All(machine => machine.Wheels.All(wheel => wheel.File.Platforms is ["any"]));

    /// <summary>A regular expression for the library folders that have shared objects in them.</summary>
    public string CompiledSites => Sites.Where(site => site.Files.Any(PrivateLibraries.IsSharedObject)).Select(site => site.Site).ToArray() switch
    {
        [var only] => only,
        var several => $"({string.Join('|', several)})",
    };

    public Requirements Requirements { get; } = Requirements.Of(Request.Wheels);

    /// <summary>The list of folders is for what is compiled: of Python code nothing is left out without a reason.</summary>
    public FolderList? Folders => SharedObjects.IsEmpty ? null : FolderList.Of(Sites.Where(site => site.Site == SiteArch).SelectMany(site => site.Files));

    /// <summary>Where <see cref="Folders"/> are.</summary>
    public const string SiteArch = "%{python3_sitearch}";

    public ImmutableArray<string> Modules =>
        [.. Sites.SelectMany(site => new SiteTree(site.Site, site.Files).Modules()).Except(NotImported, StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>A file name with the macro for the version, where the next bump leaves the name as it is then.</summary>
    public string WithVersion(string text) => SpecText.WithVersion(text, Request.Version, RpmVersion);

    private static bool IsInfo(SpecWheel wheel, string file) => file.StartsWith(wheel.Tree.Info + "/", StringComparison.Ordinal);
}
