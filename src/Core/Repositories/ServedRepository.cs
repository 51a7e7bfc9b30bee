using DotnetRelease.Metadata;
using DotnetRelease.OpenPgp;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>A repository as a client finds it: metadata that a trusted key signed, and every file that it names in place.</summary>
/// <param name="Metadata">What it says.</param>
/// <param name="Signer">Fingerprint of the primary key that signed it.</param>
/// <param name="Files">Everything that lies there.</param>
internal sealed record ServedRepository(PublishedMetadata Metadata, string Signer, ServedFiles Files)
{
    private const int SignatureLimit = 64 * 1024;

    /// <summary>repomd.xml and the signature that is good for it.</summary>
    public required SignedRepomd Signed { get; init; }

    /// <summary>The good signature is one that was kept: a killed run had replaced the served one, and repomd.xml not yet.</summary>
    public bool IsTorn { get; init; }

    /// <summary>Reads a repository as a client does, without reading the packages themselves; null when there is no repomd.xml.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.RepositoryUnverified"/> or <see cref="Fault.RepositoryMalformed"/>: a client would refuse it.
    /// </exception>
    internal static async Task<ServedRepository?> ReadAsync(IRepositoryStore store, RpmVerifier trusted, CancellationToken ct)
    {
        if (await PublishedMetadata.ReadAsync(store, ct) is not { } metadata)
        {
            return null;
        }

        var (signer, signature) = await VerifyAsync(store, metadata, trusted, ct);
        return await WholeAsync(store, new ServedRepository(metadata, signer, ServedFiles.Of(store, [])) { Signed = new SignedRepomd(metadata.Bytes, signature) }, ct);
    }

    /// <summary>
    /// The same for whoever goes on from there: where repomd.xml and its signature are two objects, a run that was killed between them
    /// left a pair that clients refuse, and the signature that was kept shows that nothing else happened.
    /// </summary>
    internal static async Task<ServedRepository?> ReadOrResumeAsync(IRepositoryStore store, RpmVerifier trusted, CancellationToken ct)
    {
        try
        {
            return await ReadAsync(store, trusted, ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.RepositoryUnverified)
        {
            if (await PublishedMetadata.ReadAsync(store, ct) is { } metadata
                && await store.ReadAsync(KeptMetadata.SignatureLocation(Digest.Of(metadata.Bytes)), SignatureLimit, ct) is { } kept
                && await JudgeAsync(kept, metadata.Bytes, trusted, ct) is { IsGood: true, Signature: { } by })
            {
                return await WholeAsync(
                    store,
                    new ServedRepository(metadata, by.PrimaryFingerprint, ServedFiles.Of(store, [])) { Signed = new SignedRepomd(metadata.Bytes, kept), IsTorn = true },
                    ct);
            }

            throw;
        }
    }

    /// <summary>Checks the signature beside repomd.xml and gives it, with the fingerprint of the certificate that made it.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryUnverified"/> or <see cref="Fault.RepositoryMoved"/>.</exception>
    internal static async Task<(string Signer, byte[] Signature)> VerifyAsync(IRepositoryReader reader, PublishedMetadata metadata, RpmVerifier trusted, CancellationToken ct)
    {
        var name = reader.At(SignedRepomd.Location);
        var signature = await reader.ReadAsync(SignedRepomd.SignatureLocation, SignatureLimit, ct);
        var verdict = await JudgeAsync(signature, metadata.Bytes, trusted, ct);
        if (signature is not null && verdict is { IsGood: true, Signature: { } by })
        {
            return (by.PrimaryFingerprint, signature);
        }

        // Two files are not read in one moment; what belongs to another repomd.xml says nothing about this one.
        var now = await PublishedMetadata.ReadRepomdAsync(reader, ct);
        throw now.AsSpan().SequenceEqual(metadata.Bytes)
            ? new ReleaseException(Fault.RepositoryUnverified, $"'{name}' {verdict.Text}.")
            {
                Remedy = $"If you know that this metadata is yours, sign it once by hand: gpg --local-user {trusted.Certificates[0].Fingerprint}! --armor --detach-sign {name}",
            }
            : new ReleaseException(Fault.RepositoryMoved, $"'{name}' changed while it was read.");
    }

    private static async Task<ServedRepository> WholeAsync(IRepositoryStore store, ServedRepository served, CancellationToken ct)
    {
        var files = ServedFiles.Of(store, await store.ListAsync("", ct));
        return files.Missing(served.Metadata).FirstOrDefault() is { } problem
            ? throw new ReleaseException(Fault.RepositoryUnverified, problem) { Remedy = "Restore the file, or all of it, from a backup." }
            : served with { Files = files };
    }

    private static async Task<RpmVerdict> JudgeAsync(byte[]? signature, byte[] repomd, RpmVerifier trusted, CancellationToken ct)
    {
        if (signature is null)
        {
            return new RpmVerdict(RpmVerdictKind.NotSigned, $"is not signed: there is no {Repomd.SignatureName}");
        }

        return OpenPgpArmor.IsWholeSignature(signature)
            ? await trusted.VerifyDetachedAsync(signature, repomd, ct)
            : new RpmVerdict(RpmVerdictKind.BadSignature, $"is not signed: {Repomd.SignatureName} is no whole armored signature");
    }
}
