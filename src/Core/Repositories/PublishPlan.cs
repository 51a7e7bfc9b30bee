using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>What publishing would change, decided before anything is changed.</summary>
/// <param name="Additions">Packages that are not there yet.</param>
/// <param name="Present">Packages that are there with exactly these bytes.</param>
internal sealed record PublishPlan(ImmutableArray<OfferedPackage> Additions, ImmutableArray<OfferedPackage> Present)
{
    /// <summary>Compares what is offered with what is served, and with what was served once.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.PublishedOtherBytes"/>, <see cref="Fault.PublishedDowngrade"/> or <see cref="Fault.PackageWithdrawn"/>.
    /// </exception>
    internal static PublishPlan Of(ImmutableArray<IndexedPackage> served, RevisionRecord? record, ImmutableArray<OfferedPackage> offered, bool allowDowngrade)
    {
        var digests = served.Select(package => package.File.Digest).ToHashSet();
        ImmutableArray<OfferedPackage> additions = [.. offered.Where(package => !digests.Contains(package.Index.File.Digest))];
        RefuseOtherBytes(served, additions);
        RefuseWithdrawn(record, additions);
        if (!allowDowngrade)
        {
            RefuseDowngrade(served, record, additions);
        }

        return new PublishPlan(additions, [.. offered.Except(additions)]);
    }

    private static void RefuseDowngrade(ImmutableArray<IndexedPackage> served, RevisionRecord? record, ImmutableArray<OfferedPackage> additions)
    {
        var newest = HighestVersion.Of(record?.Highest ?? [], served.Select(package => package.Nevra)).ToDictionary(version => (version.Name, version.Arch), version => version.Evr);
        foreach (var package in additions)
        {
            var nevra = package.Index.Nevra;
            if (!newest.TryGetValue((nevra.Name, nevra.Arch), out var highest) || Evr.Of(nevra) >= highest)
            {
                continue;
            }

            var there = served.Select(other => other.Nevra).FirstOrDefault(other => other.Name == nevra.Name && other.Arch == nevra.Arch && Evr.Of(other) == highest);
            throw new ReleaseException(
                Fault.PublishedDowngrade,
                there is null
                    ? $"{nevra} is older than {highest}, the newest version that this repository ever had. A client that installed that one would not install this."
                    : $"{nevra} is older than {there}, which is already published. No client would install it.")
            {
                Remedy = "Raise the version, or publish it all the same with --allow-downgrade.",
            };
        }
    }

    /// <summary>What a person took away does not come back because it still lies in a folder of results. What was pruned is a matter of its version.</summary>
    private static void RefuseWithdrawn(RevisionRecord? record, ImmutableArray<OfferedPackage> additions)
    {
        var removed = (record?.Removed ?? []).Where(package => package.Act is not RecordedAct.Pruned).ToDictionary(package => package.File.Location, StringComparer.Ordinal);
        foreach (var package in additions)
        {
            if (removed.TryGetValue(package.Index.File.Location, out var gone))
            {
                throw new ReleaseException(
                    Fault.PackageWithdrawn, $"{gone.Nevra} was published once and was {gone.Act} on {gone.Time:yyyy-MM-dd}, with revision {gone.Revision}; publishing it again would undo that by accident.")
                {
                    Remedy = "Raise Release and publish that. To serve an earlier revision as it was: dotnet release repo rollback NAME --to REVISION",
                };
            }
        }
    }

    /// <summary>Two names for one thing: the NEVRA, and the file name, in which the epoch has no part.</summary>
    private static void RefuseOtherBytes(ImmutableArray<IndexedPackage> served, ImmutableArray<OfferedPackage> additions)
    {
        var (byNevra, byLocation) = (served.ToLookup(package => package.Nevra), served.ToLookup(package => package.File.Location, StringComparer.Ordinal));
        foreach (var package in additions)
        {
            var index = package.Index;
            if (byNevra[index.Nevra].Concat(byLocation[index.File.Location]).FirstOrDefault() is { } there)
            {
                throw new ReleaseException(
                    Fault.PublishedOtherBytes,
                    $"{there.File.Location} is already published with other contents: there sha256 {there.File.Digest.Hex}, here {index.File.Digest.Hex} ('{package.Path}').");
            }
        }
    }
}

/// <summary>A signed package on its way into a repository.</summary>
/// <param name="Path">Where it is now.</param>
/// <param name="Index">What the repository will say about it.</param>
/// <param name="Signer">Fingerprint of the primary key that signed it.</param>
internal sealed record OfferedPackage(string Path, IndexedPackage Index, string Signer)
{
    /// <summary>Describes packages; files offered twice count once.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/> or <see cref="Fault.PublishedOtherBytes"/>.</exception>
    internal static async Task<ImmutableArray<OfferedPackage>> FromAsync(IEnumerable<SignedRpm> packages, CancellationToken ct)
    {
        var offered = new SortedDictionary<string, OfferedPackage>(StringComparer.Ordinal);
        foreach (var signed in packages)
        {
            var location = signed.File.Nevra.FileName;
            if (!RepositoryPath.IsSafe(location))
            {
                throw new ReleaseException(Fault.RpmMalformed, $"'{signed.File.Path}' would be published as '{location}', which is not the same in every URL.")
                {
                    Remedy = "Change name, version or release in the spec.",
                };
            }

            var index = IndexedPackage.From(await RpmPackage.ReadAsync(signed.File.Path, ct), new RepositoryFile(location, signed.File.Size, signed.File.Sha256));
            if (!offered.TryAdd(location, new OfferedPackage(signed.File.Path, index, signed.Signature.PrimaryFingerprint))
                && offered[location].Index.File.Digest != signed.File.Sha256)
            {
                throw new ReleaseException(Fault.PublishedOtherBytes, $"'{offered[location].Path}' and '{signed.File.Path}' are both {signed.File.Nevra}, with different contents.");
            }
        }

        return [.. offered.Values];
    }
}
