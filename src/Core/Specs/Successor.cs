using DotnetRelease.Lockfiles;

namespace DotnetRelease.Specs;

/// <summary>What a file name says about the package it belongs to: wheels by PEP 427, source archives by PEP 625.</summary>
internal static class DistributionFile
{
    private static readonly string[] Archives = [".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz"];

    /// <summary>The normalised project, or null when the name is neither a wheel nor an archive with a version.</summary>
    public static string? PackageOf(string file)
    {
        if (WheelName.TryParse(file, out var wheel))
        {
            return wheel.Package;
        }

        return Archive(file) is { } extension && file[..^extension.Length].LastIndexOf('-') is > 0 and var dash
            ? PythonName.Normalize(file[..dash])
            : null;
    }

    /// <summary>The extension when the name is an archive's.</summary>
    public static string? Archive(string file) => Array.Find(Archives, extension => file.EndsWith(extension, StringComparison.Ordinal));
}

/// <summary>The file of a locked version that takes the place of an older one.</summary>
internal static class Successor
{
    /// <summary>A wheel for the machines of the line, or where none fits them for the machine of the old wheel.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WheelNotFound"/>.</exception>
    public static LockedFile Of(LockedPackage package, string old, SourcePosition position, IReadOnlyCollection<WheelTarget> machines)
    {
        var known = WheelName.TryParse(old, out var wheel) ? WheelTarget.Of(wheel)?.On(machines) : null;
        return known is null ? Of(package, old, position) : WheelChoice.TryChoose(package, known) ?? Of(package, old, position);
    }

    /// <summary>A wheel for the same machine and Python, or a source archive for a source archive.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WheelNotFound"/>.</exception>
    public static LockedFile Of(LockedPackage package, string old, SourcePosition position)
    {
        if (!WheelName.TryParse(old, out var wheel))
        {
            var archives = package.Files.Where(file => DistributionFile.Archive(file.Name) is not null).OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
            return archives.Find(file => string.Equals(DistributionFile.Archive(file.Name), DistributionFile.Archive(old), StringComparison.Ordinal))
                ?? archives.FirstOrDefault()
                ?? throw new ReleaseException(Fault.WheelNotFound, $"The lock has no source archive of {package.Name} {package.Version} to follow '{old}'.", position)
                {
                    Remedy = "Name one of its wheels in the source line: " + string.Join(", ", package.Files.Select(file => file.Name)) + ".",
                };
        }

        return WheelTarget.Of(wheel) is { } target
            ? WheelChoice.Choose(package, target)
            : package.Files.FirstOrDefault(file => WheelName.TryParse(file.Name, out var other) && other.Platforms.SequenceEqual(wheel.Platforms, StringComparer.Ordinal))
                ?? throw new ReleaseException(Fault.WheelNotFound, $"The lock has no file of {package.Name} {package.Version} for the platform of '{old}'.", position)
                {
                    Remedy = "Name the right file in the spec.",
                };
    }

    /// <summary>The same, or null when there is none.</summary>
    public static LockedFile? TryOf(LockedPackage package, string old)
    {
        try
        {
            return Of(package, old, default);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.WheelNotFound)
        {
            return null;
        }
    }
}
