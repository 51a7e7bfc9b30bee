using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Specs;

namespace DotnetRelease.Planning;

/// <summary>Finds the digest of every file that a spec names: in a lock, in the <c>sources</c> file, or of the file beside the spec.</summary>
internal sealed class SourcePlan(RpmSettings rpm, SpecFolder folder, PlanInputs inputs)
{
    /// <summary>One source for each file that the spec names on any of the targets, in the order of the spec.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SourceWithoutDigest"/>, <see cref="Fault.SourceMismatch"/> or <see cref="Fault.SpecMalformed"/>.</exception>
    public ImmutableArray<PlannedSource> Find(IEnumerable<SpecReading> readings)
    {
        var sources = ImmutableArray.CreateBuilder<PlannedSource>();
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var tag in readings.SelectMany(reading => reading.Sources.Concat(reading.Patches)).OrderBy(tag => tag.Line))
        {
            if (seen.Add(tag.Value))
            {
                var source = Find(tag);
                if (!sources.Any(other => other.File == source.File))
                {
                    sources.Add(source);
                }
            }
        }

        return sources.ToImmutable();
    }

    private PlannedSource Find(SpecTag tag)
    {
        var file = tag.FileName;
        if (!tag.IsComplete)
        {
            throw new ReleaseException(
                Fault.SpecMalformed, $"'{tag.Label}: {tag.Raw}' of {rpm.Name} names a file that only running code could tell.", tag.Position)
            {
                Remedy = "Write the name out, or with macros that the spec defines as plain text.",
            };
        }

        if (SafeName.Refuse(file) is { } why)
        {
            throw new ReleaseException(Fault.SpecMalformed, $"'{tag.Label}: {tag.Raw}' of {rpm.Name}: the file name {why}.", tag.Position)
            {
                Remedy = "Let it end with the file's name; '#/NAME' behind a URL names it too.",
            };
        }

        var listed = folder.Sources?.Find(file);
        var beside = folder.Files.TryGetValue(file, out var local) ? local : (Digest?)null;
        var source = Locked(tag, file) ?? Listed(tag, file, listed) ?? Beside(tag, file, beside) ?? throw WithoutDigest(tag, file);
        RefuseOther(tag, source, listed?.Digest, $"{folder.Sources?.Path}");
        RefuseOther(tag, source, beside, $"the file beside {rpm.Spec}");
        if (listed is not null && listed.Digest.Algorithm != source.Digest.Algorithm)
        {
            source = source with { Also = listed.Digest };
        }

        // How a source is made goes before where the spec says that it could be had.
        if (source.Package is null && rpm.RuleOf(file) is { Git: { } git } rule)
        {
            var version = rule.VersionIn(file)!;
            source = source with { Url = git.UrlOf(version), Sdist = git.Sdist?.Of(version) };
        }

        // A proven copy beside the spec needs no download.
        return beside is not null && source.Package is null ? source with { Url = null, Sdist = null } : source;
    }

    private PlannedSource? Locked(SpecTag tag, string file)
    {
        foreach (var (pair, package) in inputs.Locks.SelectMany(pair => pair.New.Packages.Select(package => (pair, package))))
        {
            foreach (var locked in package.Files)
            {
                if (locked.Name == file && locked.Digest.Sha256 is { } digest)
                {
                    return new PlannedSource(file, digest, locked.Position)
                    {
                        Package = package.Name,
                        Lock = new LockEntry(pair.Path, pair.Digest, package.Name, package.Version) { Ecosystem = pair.New.Ecosystem.Name },
                        Url = locked.Url ?? (IsAllowed(tag) ? tag.Value : null),
                        Size = locked.Size,
                    };
                }
            }
        }

        return null;
    }

    // The spec's URL of a locked file is only one more place to look; the index is asked where the settings do not allow it.
    private bool IsAllowed(SpecTag tag) =>
        tag.IsUrl && Uri.TryCreate(tag.Value, UriKind.Absolute, out var url) && url.Scheme is "https"
        && inputs.Settings.Sources.AllowHosts.Any(host => host == url.IdnHost || host == $"{url.IdnHost}:{url.Port}");

    private static PlannedSource? Listed(SpecTag tag, string file, SourcesLine? listed) =>
        listed is null ? null : new PlannedSource(file, listed.Digest, listed.Position) { Url = tag.IsUrl ? tag.Value : null };

    private static PlannedSource? Beside(SpecTag tag, string file, Digest? digest) =>
        digest is { } found ? new PlannedSource(file, found, tag.Position) : null;

    private void RefuseOther(SpecTag tag, PlannedSource source, Digest? other, string where)
    {
        // What cannot be compared here is proven when the bytes are there.
        if (other is { } digest && digest.Algorithm == source.Digest.Algorithm && digest != source.Digest)
        {
            throw new ReleaseException(
                Fault.SourceMismatch, $"{tag.Label} of {rpm.Name}, {source.File}, has {source.Digest} at {source.Origin} and {digest} in {where}.", source.Origin);
        }
    }

    private ReleaseException WithoutDigest(SpecTag tag, string file)
    {
        var sources = $"{Path.GetDirectoryName(rpm.Spec)}/{SourcesFile.FileName}".TrimStart('/');
        var program = folder.Sources?.Lines is [.., { Digest.Algorithm: "sha512" }] ? "sha512sum" : "sha256sum";
        var isFollowed = WheelName.TryParse(file, out var wheel) && rpm.Follows.Contains(wheel.Package, StringComparer.Ordinal);
        return new(Fault.SourceWithoutDigest,
            $"{tag.Label} of {rpm.Name}, '{file}', is in no lockfile, has no line in '{sources}', and does not lie beside the spec.", tag.Position)
        {
            Remedy = rpm.RuleOf(file) is not null
                ? $"Write its digest down: dotnet release fetch --update {rpm.Name}"
                : isFollowed
                ? $"Run 'dotnet release spec update {rpm.Name}' to name the file that the lock has."
                : tag.IsUrl
                    ? $"Download it, check it against its publisher's word, and add its line: {program} --tag '{file}' >> '{sources}'"
                    : "Put the file there and commit it.",
        };
    }
}
