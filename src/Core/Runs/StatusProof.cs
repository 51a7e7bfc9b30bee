using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;
using DotnetRelease.Runs.Shipping;

namespace DotnetRelease.Runs;

/// <summary>Reads every package that repositories name, byte for byte, and checks who signed the metadata.</summary>
/// <param name="world">Where.</param>
/// <param name="places">What repositories say.</param>
internal sealed class StatusProof(ShipWorld world, ServedPlace[] places)
{
    internal async Task<ImmutableArray<PackageDrift>> FindAsync(CancellationToken ct)
    {
        var served = places.Where(place => place.Metadata is not null).ToList();
        if (served.Count is 0)
        {
            return [];
        }

        await using var trusted = await TrustedAsync(ct);
        var drift = ImmutableArray.CreateBuilder<PackageDrift>();
        foreach (var place in served)
        {
            using var stage = world.Reporter.Stage($"check {place.Repository.Name} {place.Target}");
            await using var store = place.Place.Store.Open();
            drift.AddRange(await SignatureAsync(place, store, trusted, ct));
            drift.AddRange(await RecordAsync(place, store, trusted, ct));
            foreach (var package in place.Metadata!.Packages)
            {
                drift.AddRange(await PackageAsync(place, store, package, ct));
            }
        }

        return drift.ToImmutable();
    }

    private static async Task<IEnumerable<PackageDrift>> SignatureAsync(ServedPlace place, IRepositoryReader store, RpmVerifier? trusted, CancellationToken ct)
    {
        try
        {
            if (trusted is not null)
            {
                await ServedRepository.VerifyAsync(store, place.Metadata!, trusted, ct);
            }

            return [];
        }
        catch (ReleaseException ex)
        {
            return [new PackageDrift(place, null, "different", $"{place.Repository.Name} for {place.Target}: {ex.Message}")];
        }
    }

    /// <summary>The signed record beside the metadata tells of a rollback also when the ledger is lost.</summary>
    private static async Task<IEnumerable<PackageDrift>> RecordAsync(ServedPlace place, IRepositoryReader store, RpmVerifier? trusted, CancellationToken ct)
    {
        try
        {
            var record = trusted is null ? null : await SignedRecord.ReadAsync(store, trusted, ct);
            var verdict = RollbackVerdict.Of($"{place.Repository.Name} for {place.Target}", place.Metadata!.Repomd.Revision, record, ledger: null);
            return verdict is null ? [] : [new PackageDrift(place, null, "rolled-back", verdict.Message)];
        }
        catch (ReleaseException ex)
        {
            return [new PackageDrift(place, null, "different", $"{place.Repository.Name} for {place.Target}: {ex.Message}")];
        }
    }

    private static async Task<IEnumerable<PackageDrift>> PackageAsync(ServedPlace place, IRepositoryReader store, IndexedPackage package, CancellationToken ct)
    {
        await using var stream = await store.OpenAsync(package.File.Location, ct);
        if (stream is null)
        {
            return [new PackageDrift(place, package.Nevra, "missing", $"{place.Repository.Name} names {package.Nevra} for {place.Target}, and the file '{store.At(package.File.Location)}' is gone.")];
        }

        var digest = await StoreReading.CopyAsync(stream, null, ct);
        return digest == package.File.Digest
            ? []
            : [new PackageDrift(place, package.Nevra, "different", $"'{store.At(package.File.Location)}' has sha256 {digest.Hex}, and the metadata promises {package.File.Digest.Hex}.")];
    }

    /// <summary>The project's own key; null when there is none to check with.</summary>
    private async Task<RpmVerifier?> TrustedAsync(CancellationToken ct)
    {
        if (world.Workspace.Settings.Signing is not { Key: var key })
        {
            world.Reporter.Warning("Who signed the metadata is not checked: the settings have no signing.key.");
            return null;
        }

        return await RpmVerifier.OpenAsync([await world.Gpg.ExportAsync(key, armor: false, ct)], ct);
    }
}
