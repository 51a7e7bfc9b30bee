using System.Collections.Immutable;

namespace DotnetRelease.Repositories;

/// <summary>Whether what is served is what a maintainer vouched for last.</summary>
/// <param name="Record">The record; null when there is none that can be trusted.</param>
/// <param name="Item">The record as a file that was checked; null when there is none.</param>
internal sealed record RecordCheck(RevisionRecord? Record, RepositoryItem? Item)
{
    /// <summary>What it says against repomd.xml.</summary>
    internal ImmutableArray<RepositoryProblem> Repomd { get; private init; } = [];

    /// <summary>What a person should know, and what a client survives.</summary>
    internal ImmutableArray<string> Warnings { get; private init; } = [];

    internal static async Task<RecordCheck> RunAsync(IRepositoryReader reader, PublishedMetadata served, VerifyRequest request, CancellationToken ct)
    {
        var item = new RepositoryItem(reader.At(RevisionRecord.Location));
        try
        {
            var record = await SignedRecord.ReadAsync(reader, request.Trusted, ct);
            var check = Compare(reader.At(SignedRepomd.Location), served, record, request);
            return record is null ? check with { Warnings = [$"'{item.Path}' is missing: nothing but the ledger can show that this repository was set back. The next publication writes it."] } : check with
            {
                Item = item with { Note = $"vouches for revision {record.Current.Revision} since {record.Signed:yyyy-MM-dd}", Problems = Identity(item.Path, record, request) },
                Warnings = Warn(item.Path, served, record, request),
            };
        }
        catch (ReleaseException ex)
        {
            return Compare(reader.At(SignedRepomd.Location), served, null, request) with { Item = item with { Problems = [RepositoryProblem.Of(ex)] } };
        }
    }

    private static RecordCheck Compare(string repomd, PublishedMetadata served, RevisionRecord? record, VerifyRequest request) => new(record, null)
    {
        Repomd = RollbackVerdict.Of(repomd, served.Repomd.Revision, record, request.LedgerRevision) is { } back ? [RepositoryProblem.Of(back)] : [],
    };

    /// <summary>The same key signs every repository of a project, so that one could be served in the place of another.</summary>
    private static ImmutableArray<RepositoryProblem> Identity(string path, RevisionRecord record, VerifyRequest request) =>
        request.Id is { } id && !string.Equals(id, record.Repository, StringComparison.Ordinal)
            ? [new RepositoryProblem(Fault.RepositoryUnverified, $"'{path}' speaks of the repository '{record.Repository}', and '{id}' was expected here.")]
            : [];

    private static ImmutableArray<string> Warn(string path, PublishedMetadata served, RevisionRecord record, VerifyRequest request)
    {
        var warnings = ImmutableArray.CreateBuilder<string>();
        if (record.Current.Repomd != Digest.Of(served.Bytes) && served.Repomd.Revision >= record.Current.Revision)
        {
            warnings.Add($"'{path}' speaks of revision {record.Current.Revision}, and revision {served.Repomd.Revision} is served: another tool wrote it, or a run was killed; publishing again records it.");
        }

        if (request.Now - record.Signed is var age && age > request.FreezeAfter)
        {
            warnings.Add($"'{path}' was signed {(int)age.TotalDays} days ago: either nothing happened since, or somebody hides what did. To vouch for it today: dotnet release repo refresh NAME");
        }

        return warnings.ToImmutable();
    }
}
