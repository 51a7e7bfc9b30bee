using DotnetRelease.OpenPgp;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>
/// The file <c>repodata/revision.signed</c>: the record as JSON, and behind it the armored detached signature over exactly these
/// bytes. One file, because no store can change two at once, and a record beside the signature of another one would look forged.
/// </summary>
internal static class SignedRecord
{
    private const int SignatureLimit = 64 * 1024;

    internal const int Limit = RevisionRecordJson.Limit + SignatureLimit;

    private static ReadOnlySpan<byte> Begin => "\n-----BEGIN PGP SIGNATURE-----\n"u8;

    /// <summary>The file's bytes, signed by the key that signs repomd.xml.</summary>
    internal static async Task<byte[]> SignAsync(RevisionRecord record, MetadataKey key, CancellationToken ct)
    {
        var json = RevisionRecordJson.Write(record);
        var signed = await key.SignAsync(json, ct);
        return [.. json, .. signed.Signature];
    }

    /// <summary>Reads the record of a repository; null when there is none.</summary>
    /// <exception cref="ReleaseException">What <see cref="OpenAsync"/> throws, and those of reading.</exception>
    internal static async Task<RevisionRecord?> ReadAsync(IRepositoryReader reader, RpmVerifier trusted, CancellationToken ct) =>
        await reader.ReadAsync(RevisionRecord.Location, Limit, ct) is { } file ? await OpenAsync(file, reader.At(RevisionRecord.Location), trusted, ct) : null;

    /// <summary>
    /// What the record says, whoever wrote it, or null: enough to tell somebody early what will be refused later.
    /// </summary>
    internal static async Task<RevisionRecord?> PeekAsync(IRepositoryReader reader, CancellationToken ct)
    {
        try
        {
            return await reader.ReadAsync(RevisionRecord.Location, Limit, ct) is { } file && file.AsSpan().LastIndexOf(Begin) is var end and >= 0
                ? RevisionRecordJson.Read(file.AsMemory(0, end + 1), reader.At(RevisionRecord.Location))
                : null;
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.RecordMalformed || ex.Fault == Fault.RepositoryMalformed)
        {
            return null;
        }
    }

    /// <summary>Reads a record that one of the trusted certificates signed.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RecordMalformed"/> or <see cref="Fault.RepositoryUnverified"/>.</exception>
    internal static async Task<RevisionRecord> OpenAsync(ReadOnlyMemory<byte> file, string name, RpmVerifier trusted, CancellationToken ct)
    {
        var end = file.Span.LastIndexOf(Begin) + 1;
        var (json, signature) = (file[..end], file[end..]);
        if (end is 0 || file.Length > Limit || signature.Length > SignatureLimit || !OpenPgpArmor.IsWholeSignature(signature.Span))
        {
            throw RevisionRecordJson.Malformed(name, "it does not end with a whole armored signature");
        }

        // Nothing of it is understood before it is known who wrote it.
        var verdict = await trusted.VerifyDetachedAsync(signature, json, ct);
        return verdict.IsGood
            ? RevisionRecordJson.Read(json, name)
            : throw new ReleaseException(Fault.RepositoryUnverified, $"'{name}' {verdict.Text}.") { Remedy = "Find out who changed it; the next publication by a maintainer writes it anew." };
    }
}
