using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Planning;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs;

/// <summary>The files that say which version a package has: the version files of the project, the spec, and the lock that the spec follows.</summary>
internal sealed class VersionSources
{
    private readonly RpmSettings? _rpm;
    private readonly ImmutableArray<string> _files;
    private readonly ImmutableArray<string> _locks;

    /// <param name="settings">The project's settings.</param>
    /// <param name="package">The project, or one of its RPMs; anything else has no version here.</param>
    internal VersionSources(Settings settings, string package)
    {
        _rpm = settings.Rpms.FirstOrDefault(each => string.Equals(each.Name, package, StringComparison.Ordinal));
        var own = string.Equals(package, settings.Project.Name, StringComparison.Ordinal) ? settings.Project.VersionFiles : [];
        _files = _rpm is null ? own : own.Add(_rpm.Spec);
        _locks = _rpm?.VersionOf is null ? [] : settings.Project.Lockfiles;
    }

    /// <summary>Relative to the settings' folder.</summary>
    internal ImmutableArray<string> Paths => [.. _files, .. _locks];

    /// <summary>What the files say; the lock comes last.</summary>
    /// <param name="content">The bytes of a path, or the failure of a missing one.</param>
    /// <param name="label">How positions name a path.</param>
    internal ImmutableArray<VersionClaim> Read(Func<string, byte[]> content, Func<string, string> label)
    {
        var claims = ImmutableArray.CreateBuilder<VersionClaim>();
        foreach (var path in _files)
        {
            if (VersionFile.Read(path, content(path), label(path)) is { } claim)
            {
                claims.Add(claim);
            }
        }

        if (!_locks.IsEmpty)
        {
            var locked = LockedChoice.Of(_rpm!, [.. _locks.Select(path => new LockPair(null, LockfileReader.Read(content(path), label(path))))]).Version!;
            claims.Add(new(locked.Version, locked.Position));
        }

        return claims.ToImmutable();
    }
}
