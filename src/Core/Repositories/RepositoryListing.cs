using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.OpenPgp;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>What a repository holds, for people.</summary>
/// <param name="Url">Where it was read.</param>
/// <param name="Revision">Of its metadata; null when it has none.</param>
public sealed record RepositoryListing(string Url, long? Revision)
{
    /// <summary>What clients see, ordered by name, then newest first.</summary>
    public ImmutableArray<ListedPackage> Packages { get; init; } = [];

    /// <summary>Fingerprint of the certificate that signed the metadata; null when there is none.</summary>
    public string? Signer { get; init; }

    /// <summary>When a maintainer last vouched for the revision; null when nobody did.</summary>
    public DateTimeOffset? VouchedFor { get; init; }

    /// <summary>Revisions one can go back to, newest first; the first is served.</summary>
    public ImmutableArray<ListedRevision> Revisions { get; init; } = [];

    /// <summary>Reads a repository where it is written, by the keys that its clients have.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryUnverified"/> and those of reading.</exception>
    public static async Task<RepositoryListing> ReadAsync(RepositoryPlace place, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(place);
        await using var store = place.Store.Open();
        var state = await RepositoryState.ReadAsync(store, place, ct);
        if (state.Served is not { } served)
        {
            return new RepositoryListing(store.Name, null);
        }

        var packages = ImmutableArray.CreateBuilder<ListedPackage>();
        foreach (var package in served.Metadata.Packages.OrderBy(package => package.Nevra.Name, StringComparer.Ordinal)
            .ThenByDescending(package => Evr.Of(package.Nevra)).ThenBy(package => package.Nevra.Arch, StringComparer.Ordinal))
        {
            packages.Add(new ListedPackage(package.Nevra, package.File.Size, DateTimeOffset.FromUnixTimeSeconds(package.BuildTime))
            {
                Sha256 = package.File.Digest,
                SignedBy = await SignerAsync(store, package.File, ct),
            });
        }

        return new RepositoryListing(store.Name, served.Metadata.Repomd.Revision)
        {
            Packages = packages.ToImmutable(),
            Signer = served.Signer,
            VouchedFor = state.Record?.Signed,
            Revisions = [.. (state.Record?.Revisions ?? []).Select(revision => new ListedRevision(revision.Revision, revision.Act, revision.Time, revision.Packages))],
        };
    }

    /// <summary>Who the package says signed it; whether that is true, <c>verify</c> finds out. Only the beginning of the file is read.</summary>
    private static async Task<string?> SignerAsync(IRepositoryStore store, RepositoryFile file, CancellationToken ct)
    {
        await using var stream = await store.OpenAsync(file.Location, ct);
        if (stream is null)
        {
            return null;
        }

        var name = store.At(file.Location);
        var start = new byte[RpmLead.Length];
        for (long have = 0, need = start.Length; have < need; need = RpmStart.Measure(start, name))
        {
            Array.Resize(ref start, (int)Math.Min(need, int.MaxValue));
            await stream.ReadExactlyAsync(start.AsMemory((int)have), ct);
            have = need;
        }

        return HeaderSignatures.Of(RpmStart.Parse(start, file.Size, name)).OfType<OpenPgpSignature>().Select(signature => signature.Issuer).FirstOrDefault();
    }
}

/// <summary>One package of a listing.</summary>
/// <param name="Nevra">What it is.</param>
/// <param name="Size">Bytes of its file.</param>
/// <param name="Built">When it was built.</param>
public sealed record ListedPackage(Nevra Nevra, long Size, DateTimeOffset Built)
{
    /// <summary>Digest of its file.</summary>
    public required Digest Sha256 { get; init; }

    /// <summary>Key id or fingerprint of the key that signed it, as its signature says; null when it is not signed.</summary>
    public string? SignedBy { get; init; }
}

/// <summary>One revision of a listing.</summary>
/// <param name="Revision">Its number.</param>
/// <param name="Act">Why it was made.</param>
/// <param name="Time">When.</param>
/// <param name="Packages">How many packages it has.</param>
public sealed record ListedRevision(long Revision, string Act, DateTimeOffset Time, int Packages);
