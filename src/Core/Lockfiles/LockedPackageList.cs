using System.Collections.Immutable;

namespace DotnetRelease.Lockfiles;

/// <summary>The packages of one lock while it is read: no package twice, and a note about those that nothing proves.</summary>
internal sealed class LockedPackageList
{
    private readonly ImmutableArray<LockedPackage>.Builder _packages = ImmutableArray.CreateBuilder<LockedPackage>();
    private readonly ImmutableArray<string>.Builder _warnings = ImmutableArray.CreateBuilder<string>();
    private readonly Dictionary<string, SourcePosition> _seen = new(StringComparer.Ordinal);

    public void Add(LockedPackage package)
    {
        // The same version from two places is allowed (a build for a graphics card beside the plain one).
        var identity = $"{package.Name} {package.Version} {package.Source.Kind} {package.Source.Location}";
        if (!_seen.TryAdd(identity, package.Position))
        {
            throw new ReleaseException(
                Fault.LockMalformed, $"The package {package.Name} {package.Version} is already locked at {_seen[identity]}.", package.Position);
        }

        _packages.Add(package);
        if (package.Source.Kind is LockedSourceKind.Index && package.Files is [] && package.NamelessDigests is [])
        {
            _warnings.Add($"{package.Position}: {package.Name} {package.Version} comes from an index but has no files with digests; nothing could prove a download.");
        }
    }

    public Lockfile ToLockfile(string path, string format, string formatVersion) =>
        new(path, format, formatVersion, _packages.DrainToImmutable()) { Warnings = _warnings.DrainToImmutable() };
}
