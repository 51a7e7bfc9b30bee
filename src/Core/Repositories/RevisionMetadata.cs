namespace DotnetRelease.Repositories;

/// <summary>Reads the metadata of a revision that is not served any more. The record is signed, and names it by digest.</summary>
internal static class RevisionMetadata
{
    /// <summary>Null when it is not kept, or not wholly.</summary>
    internal static async Task<PublishedMetadata?> ReadAsync(IRepositoryReader reader, RecordedRevision revision, CancellationToken ct)
    {
        if (await reader.ReadAsync(revision.KeptLocation, Metadata.RepomdReader.Limit, ct) is not { } bytes || Digest.Of(bytes) != revision.Repomd)
        {
            return null;
        }

        try
        {
            return await PublishedMetadata.OfAsync(reader, bytes, reader.At(revision.KeptLocation), ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.RepositoryMalformed || ex.Fault == Fault.RepositoryUnverified)
        {
            return null;
        }
    }
}
