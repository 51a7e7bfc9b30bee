using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Rpm;
using DotnetRelease.Storage;

namespace DotnetRelease.Repositories;

/// <summary>Checks the packages that metadata names: in place and of the promised size, and, where they are read, every byte and the signature.</summary>
/// <param name="files">What lies there.</param>
/// <param name="request">What is expected.</param>
internal sealed class PackageCheck(ServedFiles files, VerifyRequest request)
{
    internal async Task<IEnumerable<RepositoryItem>> CheckAsync(ImmutableArray<IndexedPackage> packages, CancellationToken ct)
    {
        var missing = packages.ToDictionary(package => package, package => files.Missing(package.File));
        var isPointer = packages.Where(package => missing[package] is null).ToLookup(package => IsPointer(package.File));
        ImmutableArray<IndexedPackage> there = [.. isPointer[false]];
        var items = files.Reader is FolderStore ? await ReadAsync(there, ct) : request.Deep ? await FetchAsync(there, ct) : there.Select(package => Item(package) with
        {
            Note = $"is there with {package.File.Size} bytes",
        });
        return items
            .Concat(isPointer[true].Select(package => Item(package) with { Note = "is the Git LFS pointer that the metadata promises; the package is not here, and its signature was not read" }))
            .Concat(missing.Where(pair => pair.Value is not null).Select(pair => Item(pair.Key) with { Problems = [new(Fault.RepositoryUnverified, pair.Value!)] }))
            .OrderBy(item => item.Path, StringComparer.Ordinal);
    }

    /// <summary>Only a store that can get the package reads more than the pointer.</summary>
    private bool IsPointer(RepositoryFile file) => files.Pointers.ContainsKey(file.Location) && !(request.Deep && files.Reader is not FolderStore);

    private async Task<IEnumerable<RepositoryItem>> ReadAsync(ImmutableArray<IndexedPackage> there, CancellationToken ct)
    {
        var verified = await request.Trusted.VerifyAsync([.. there.Select(package => files.Reader.At(package.File.Location))], ct);
        return there.Zip(verified, (package, found) => Judge(Item(package), package, found));
    }

    /// <summary>One after the other: two of the largest packages need not find room on this machine at once.</summary>
    private async Task<IEnumerable<RepositoryItem>> FetchAsync(ImmutableArray<IndexedPackage> there, CancellationToken ct)
    {
        using var folder = TemporaryFolder.Create("verify");
        var items = ImmutableArray.CreateBuilder<RepositoryItem>(there.Length);
        foreach (var package in there)
        {
            items.Add(await FetchAsync(package, Path.Combine(folder.Path, Path.GetFileName(package.File.Location)), ct));
        }

        return items.MoveToImmutable();
    }

    private async Task<RepositoryItem> FetchAsync(IndexedPackage package, string path, CancellationToken ct)
    {
        var item = Item(package);
        try
        {
            await files.Reader.FetchAsync(package.File, path, ct);
            return Judge(item, package, (await request.Trusted.VerifyAsync([path], ct))[0]);
        }
        catch (ReleaseException ex)
        {
            return item with { Problems = [RepositoryProblem.Of(ex)] };
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static RepositoryItem Judge(RepositoryItem item, IndexedPackage promised, RpmVerification found)
    {
        List<RepositoryProblem> problems = [];
        if (found.Verdict.Fault is { } fault)
        {
            problems.Add(new RepositoryProblem(fault, $"'{item.Path}' {found.Verdict.Text}."));
        }

        if (found.File is { } file && file.Sha256 != promised.File.Digest)
        {
            problems.Add(Unlike(item, $"has sha256 {file.Sha256.Hex}, and the metadata promises {promised.File.Digest.Hex}"));
        }

        if (found.Nevra is { } nevra && nevra != promised.Nevra)
        {
            problems.Add(Unlike(item, $"is {nevra}, and the metadata calls it {promised.Nevra}"));
        }

        return item with { Signer = found.Verdict.Signature?.PrimaryFingerprint, Problems = [.. problems] };
    }

    private static RepositoryProblem Unlike(RepositoryItem item, string why) => new(Fault.RepositoryUnverified, $"'{item.Path}' {why}.");

    private RepositoryItem Item(IndexedPackage package) => new(files.Reader.At(package.File.Location)) { Nevra = package.Nevra };
}
