using System.Collections.Immutable;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>The proof of a publication: what was read back as a client after it was served.</summary>
/// <param name="Folder">Full path of the repository.</param>
/// <param name="Revision">Of the served metadata.</param>
/// <param name="RepomdDigest">Of the served repomd.xml; everything else follows from it.</param>
/// <param name="Packages">What was offered.</param>
public sealed record Receipt(string Folder, long Revision, Digest RepomdDigest, ImmutableArray<PublishedPackage> Packages)
{
    /// <summary>Where a person goes on, such as the page that makes a pull request; null: nowhere, it is done.</summary>
    public string? Link { get; init; }

    /// <summary>Whether clients see something new.</summary>
    public required bool Changed { get; init; }

    /// <summary>Fingerprint of the primary key that signed repomd.xml.</summary>
    public required string Signer { get; init; }

    /// <summary>How many packages the repository now has.</summary>
    public required int Total { get; init; }
}

/// <summary>One package of a publication.</summary>
/// <param name="Nevra">What it is.</param>
/// <param name="Location">Path inside the repository.</param>
/// <param name="Sha256">Digest of the file.</param>
/// <param name="Signer">Fingerprint of the primary key that signed it.</param>
/// <param name="IsNew">False when exactly this file was there before.</param>
public sealed record PublishedPackage(Nevra Nevra, string Location, Digest Sha256, string Signer, bool IsNew);

/// <summary>What <see cref="Publisher"/> is asked to do.</summary>
/// <param name="Place">Where.</param>
/// <param name="Packages">What. A package that nobody signed cannot be named here.</param>
/// <param name="Key">Signs the metadata; packages must be signed by it too, or by another key of the repository's key file.</param>
public sealed record PublishRequest(RepositoryPlace Place, ImmutableArray<SignedRpm> Packages, MetadataKey Key)
{
    /// <summary>The project's name, for people who read the <c>.repo</c> file.</summary>
    public required string Project { get; init; }

    /// <summary>Publish a version that is older than what is there, or ever was.</summary>
    public bool AllowDowngrade { get; init; }

    /// <summary>Where it is written down; null: nowhere.</summary>
    public PublishFacts? Facts { get; init; }

    /// <summary>What for, for whoever meets the lock.</summary>
    public string Purpose { get; init; } = "publish";

    /// <summary>What the request was made for; null: whatever is served.</summary>
    internal PlannedBase? Base { get; init; }

    /// <summary>Writes down what an earlier run was killed before it could, as long as the repository still shows it; null: nobody asks.</summary>
    internal Func<RepositoryState, Task>? Recall { get; init; }

    /// <summary>How the record calls it.</summary>
    internal string Act { get; init; } = RecordedAct.Published;
}

/// <summary>The part of a request that needs no key.</summary>
/// <param name="Place">Where.</param>
/// <param name="Packages">What.</param>
public sealed record PublishPreview(RepositoryPlace Place, ImmutableArray<SignedRpm> Packages)
{
    /// <summary>Publish a version that is older than what is there.</summary>
    public bool AllowDowngrade { get; init; }
}

/// <summary>What was served when somebody agreed to a plan.</summary>
/// <param name="Repomd">Digest of the repomd.xml; null: there was none.</param>
internal sealed record PlannedBase(Digest? Repomd);
