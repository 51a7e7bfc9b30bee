using System.Collections.Immutable;

namespace DotnetRelease.Lockfiles;

/// <summary>The packages of one lock while it is read: no package twice, and a note about those that nothing proves.</summary>
/// <param name="ecosystem">Whose packages they are.</param>
internal sealed class LockedPackageList(Ecosystem ecosystem)
{
    /// <summary>Locks that fork for platforms and Pythons have up to about ten; <c>go.sum</c> keeps hundreds that nothing uses any more.</summary>
    private const int VersionLimit = 500;

    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly ImmutableArray<LockedPackage>.Builder _packages = ImmutableArray.CreateBuilder<LockedPackage>();
    private readonly ImmutableArray<string>.Builder _warnings = ImmutableArray.CreateBuilder<string>();
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LockedPackage> _seen = new(StringComparer.Ordinal);

    public void Add(LockedPackage package)
    {
        _counts.TryGetValue(package.Name, out var count);
        _counts[package.Name] = ++count;
        RefuseMany(package.Name, count, package.Position);

        // The same version from two places is allowed (a build for a graphics card beside the plain one).
        var identity = Identity(package);
        if (!_seen.TryAdd(identity, package))
        {
            throw new ReleaseException(
                Fault.LockMalformed, $"The package {package.Name} {package.Version} is already locked at {_seen[identity].Position}.", package.Position);
        }

        _places.Add(identity, _packages.Count);
        _packages.Add(package);
        if (package.Source.Kind is LockedSourceKind.Index && package.Files is [] && package.NamelessDigests.IsEmpty)
        {
            _warnings.Add($"{package.Position}: {package.Name} {package.Version} comes from an index but has no files with digests; nothing could prove a download.");
        }
    }

    /// <summary>Adds a package that a lock may mention in several places, for example once for each framework.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.LockMalformed"/>: two places give one file two digests.</exception>
    public void Merge(LockedPackage package)
    {
        var identity = Identity(package);
        if (!_seen.TryGetValue(identity, out var first))
        {
            Add(package);
            return;
        }

        foreach (var file in package.Files)
        {
            if (first.Files.FirstOrDefault(known => string.Equals(known.Name, file.Name, StringComparison.Ordinal)) is { } known && known.Digest != file.Digest)
            {
                throw new ReleaseException(Fault.LockMalformed, $"{package.Name} {package.Version} has the digest {file.Digest} here and {known.Digest} at {known.Position}.", file.Position);
            }
        }

        var merged = first with { Markers = [.. first.Markers.Union(package.Markers, StringComparer.Ordinal)], Files = first.Files.IsEmpty ? package.Files : first.Files };
        _packages[_places[identity]] = merged;
        _seen[identity] = merged;
    }

    /// <summary>What compares the versions of one name takes the square of their number.</summary>
    public static void RefuseMany(string name, int count, SourcePosition position)
    {
        if (count > VersionLimit)
        {
            throw new ReleaseException(Fault.InputTooLarge, $"More than {VersionLimit} versions of {name} are locked.", position);
        }
    }

    private static string Identity(LockedPackage package) => $"{package.Name} {package.Version} {package.Source.Location}";

    public Lockfile ToLockfile(string path, string format, string formatVersion) =>
        new(path, format, formatVersion, _packages.DrainToImmutable()) { Ecosystem = ecosystem, Warnings = _warnings.DrainToImmutable() };
}
