using System.Collections.Immutable;

namespace DotnetRelease.Lockfiles;

/// <summary>The packages of one lock while it is read: no package twice, and a note about those that nothing proves.</summary>
internal sealed class LockedPackageList
{
    /// <summary>Locks that fork for platforms and Pythons have up to about ten.</summary>
    private const int VersionLimit = 100;

    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly ImmutableArray<LockedPackage>.Builder _packages = ImmutableArray.CreateBuilder<LockedPackage>();
    private readonly ImmutableArray<string>.Builder _warnings = ImmutableArray.CreateBuilder<string>();
    private readonly Dictionary<string, LockedPackage> _seen = new(StringComparer.Ordinal);

    public void Add(LockedPackage package)
    {
        _counts.TryGetValue(package.Name, out var count);
        _counts[package.Name] = ++count;
        RefuseMany(package.Name, count, package.Position);

        // The same version from two places is allowed (a build for a graphics card beside the plain one).
        var identity = $"{package.Name} {package.Version} {package.Source.Location}";
        if (!_seen.TryAdd(identity, package))
        {
            throw new ReleaseException(
                Fault.LockMalformed, $"The package {package.Name} {package.Version} is already locked at {_seen[identity].Position}.", package.Position);
        }

        _packages.Add(package);
        if (package.Source.Kind is LockedSourceKind.Index && package.Files is [] && package.NamelessDigests.IsEmpty)
        {
            _warnings.Add($"{package.Position}: {package.Name} {package.Version} comes from an index but has no files with digests; nothing could prove a download.");
        }
    }

    /// <summary>What compares the versions of one name takes the square of their number.</summary>
    public static void RefuseMany(string name, int count, SourcePosition position)
    {
        if (count > VersionLimit)
        {
            throw new ReleaseException(Fault.InputTooLarge, $"More than {VersionLimit} versions of {name} are locked.", position);
        }
    }

    public Lockfile ToLockfile(string path, string format, string formatVersion) =>
        new(path, format, formatVersion, _packages.DrainToImmutable()) { Warnings = _warnings.DrainToImmutable() };
}
