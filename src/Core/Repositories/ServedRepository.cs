using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>A repository as a client finds it: metadata that a trusted key signed, and every file that it names in place.</summary>
/// <param name="Metadata">What it says.</param>
/// <param name="Signer">Fingerprint of the primary key that signed it.</param>
internal sealed record ServedRepository(PublishedMetadata Metadata, string Signer)
{
    /// <summary>Reads a folder as a client does, without reading the packages themselves; null when there is no repomd.xml.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.RepositoryUnverified"/> or <see cref="Fault.RepositoryMalformed"/>: a client would refuse it.
    /// </exception>
    internal static async Task<ServedRepository?> ReadAsync(string root, RpmVerifier trusted, CancellationToken ct)
    {
        if (await PublishedMetadata.ReadAsync(root, ct) is not { } metadata)
        {
            return null;
        }

        var signer = await VerifyAsync(root, metadata, trusted, ct);
        return Missing(root, metadata).FirstOrDefault() is { } problem
            ? throw new ReleaseException(Fault.RepositoryUnverified, problem) { Remedy = "Restore the file, or the whole folder, from a backup." }
            : new ServedRepository(metadata, signer);
    }

    /// <summary>Checks the signature beside repomd.xml and gives the fingerprint of the certificate that made it.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryUnverified"/> or <see cref="Fault.RepositoryMoved"/>.</exception>
    internal static async Task<string> VerifyAsync(string root, PublishedMetadata metadata, RpmVerifier trusted, CancellationToken ct)
    {
        var repomd = Path.Combine(root, Repomd.Folder, Repomd.FileName);
        var signature = Path.Combine(root, Repomd.Folder, Repomd.SignatureName);
        var verdict = await JudgeAsync(signature, repomd, trusted, ct);
        if (verdict is not { IsGood: true, Signature: { } by })
        {
            throw new ReleaseException(Fault.RepositoryUnverified, $"'{repomd}' {verdict.Text}.")
            {
                Remedy = $"If you know that this metadata is yours, sign it once by hand: gpg --local-user {trusted.Certificates[0].Fingerprint}! --armor --detach-sign {repomd}",
            };
        }

        // gpg read the file once more; both have to be the same one.
        var now = await PublishedMetadata.ReadRepomdAsync(repomd, ct);
        return now.AsSpan().SequenceEqual(metadata.Bytes)
            ? by.PrimaryFingerprint
            : throw new ReleaseException(Fault.RepositoryMoved, $"'{repomd}' changed while it was read.");
    }

    private static async Task<RpmVerdict> JudgeAsync(string signature, string repomd, RpmVerifier trusted, CancellationToken ct)
    {
        const int limit = 64 * 1024;
        if (!File.Exists(signature))
        {
            return new RpmVerdict(RpmVerdictKind.NotSigned, $"is not signed: there is no {Repomd.SignatureName}");
        }

        return new FileInfo(signature).Length <= limit && ArmoredSignature.IsWhole(await File.ReadAllBytesAsync(signature, ct))
            ? await trusted.VerifyDetachedAsync(signature, repomd, ct)
            : new RpmVerdict(RpmVerdictKind.BadSignature, $"is not signed: {Repomd.SignatureName} is no whole armored signature");
    }

    /// <summary>What is wrong with the files that metadata names, as far as one can see without reading them.</summary>
    internal static IEnumerable<string> Missing(string root, PublishedMetadata metadata) =>
        metadata.Packages.Select(package => package.File)
            .Concat(metadata.Repomd.Entries.Select(entry => entry.File))
            .Select(file => Missing(root, file))
            .OfType<string>();

    /// <summary>What is wrong with one file, or null.</summary>
    internal static string? Missing(string root, RepositoryFile file)
    {
        var found = new FileInfo(Path.Combine(root, file.Location));
        return (found.Exists, found.Exists && found.Length == file.Size) switch
        {
            (false, _) => $"'{found.FullName}', which the metadata names, is missing.",
            (_, false) => $"'{found.FullName}' has {found.Length} bytes, and the metadata promises {file.Size}.",
            _ => null,
        };
    }

    /// <summary>Packages that lie in the folder without being named by the metadata: a publication that was killed, or a copy by hand.</summary>
    internal static ImmutableArray<string> Orphans(string root, IEnumerable<RepositoryFile> known)
    {
        var named = known.Select(file => file.Location).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. Directory.EnumerateFiles(root, "*.rpm", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(root, path))
                .Where(location => !named.Contains(location))
                .Order(StringComparer.Ordinal),
        ];
    }
}
