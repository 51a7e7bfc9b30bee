using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>
/// What a command would do to a repository, decided before anything is touched. What a person agreed to is exactly this: its digest
/// changes with every package, every byte of one, and with what is served.
/// </summary>
/// <param name="Repository">The settings' name of the repository that would change.</param>
/// <param name="Jobs">One for each target that would change.</param>
public sealed record LifePlan(string Repository, ImmutableArray<LifeJob> Jobs)
{
    /// <summary>The exact actions, one line each.</summary>
    public ImmutableArray<string> Actions => [.. Jobs.SelectMany(job => job.Actions)];

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Jobs.IsEmpty;

    /// <summary>Stands for this plan and no other: 16 hex digits.</summary>
    public string Id => Digest.Of(string.Join('\n', Actions)).Hex[..16];

    /// <summary>Compares with the plan that somebody agreed to.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PlanChanged"/>.</exception>
    public void Require(string id)
    {
        if (!string.Equals(id, Id, StringComparison.OrdinalIgnoreCase))
        {
            throw new ReleaseException(Fault.PlanChanged, $"The plan that was shown as {id} is not what would be done to '{Repository}' now, which is {(IsEmpty ? "nothing" : Id)}; nothing was done.");
        }
    }
}

/// <summary>The part of a plan that changes one target.</summary>
/// <param name="Target">Which one.</param>
/// <param name="Base">Digest of the repomd.xml that the plan was made from; null: there was none.</param>
/// <param name="Actions">The exact actions, one line each.</param>
public abstract record LifeJob(RepositoryTarget Target, Digest? Base, ImmutableArray<string> Actions)
{
    internal abstract Task<LifeReceipt> RunAsync(LifeTools tools, CancellationToken ct);

    /// <summary>Takes the repository, as it was when the plan was made. What a killed run did not write into the ledger is written now.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMoved"/> and those of taking it.</exception>
    private protected async Task<LockedRepository> LockAsync(LifeTools tools, string purpose, CancellationToken ct)
    {
        var locked = await LockedRepository.OpenAsync(new RepositoryAccess(Target.Place, tools.Key, tools.Project), purpose, tools.Clock, ct);
        try
        {
            locked.RequireBase(Base);
            await LedgerGap.CloseAsync(tools, Target, new RepositoryState(locked.Served, locked.Record));
            return locked;
        }
        catch
        {
            await locked.DisposeAsync();
            throw;
        }
    }

    private protected LifeReceipt ToReceipt(LockedRepository locked, bool changed) => LifeReceipt.Of(Target, locked.Served!) with { Changed = changed };
}

/// <summary>What every job needs.</summary>
/// <param name="Key">Signs metadata.</param>
/// <param name="Project">The project's name.</param>
/// <param name="Reporter">Hears what happens.</param>
/// <param name="Ledger">Remembers it.</param>
internal sealed record LifeTools(MetadataKey Key, string Project, IReporter Reporter, Ledger Ledger)
{
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Writes down what became of packages.</summary>
    internal async Task RememberAsync(FactKind kind, RepositoryTarget target, LifeReceipt receipt, CancellationToken ct)
    {
        foreach (var package in receipt.Packages)
        {
            var fact = With(Fact.Of(kind, package.Nevra, package.Sha256), target, receipt);
            await Ledger.AppendAsync(package.Location is { } location ? fact with { Where = new Uri(target.Place.BaseUrl, location).AbsoluteUri } : fact, ct);
        }
    }

    /// <summary>Writes down what became of a whole repository.</summary>
    internal Task RememberAsync(Fact fact, RepositoryTarget target, LifeReceipt receipt, CancellationToken ct) =>
        Ledger.AppendAsync(With(fact with { Package = Project, Digest = receipt.Repomd }, target, receipt), ct);

    private Fact With(Fact fact, RepositoryTarget target, LifeReceipt receipt) =>
        (fact with { Target = target.Target.Name, Where = target.Place.BaseUrl.AbsoluteUri, Who = Key.Fingerprint })
            .With(FactDetail.Repository, target.Repository.Name)
            .With(FactDetail.Revision, receipt.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .With(FactDetail.Repomd, receipt.Repomd.Hex);
}

/// <summary>The proof that a job was done: what was read back as a client.</summary>
/// <param name="Revision">Of the served metadata.</param>
/// <param name="Repomd">Digest of the served repomd.xml.</param>
public sealed record LifeReceipt(long Revision, Digest Repomd)
{
    /// <summary>Whether clients see something new.</summary>
    public required bool Changed { get; init; }

    /// <summary>How many packages the repository now has.</summary>
    public required int Total { get; init; }

    /// <summary>What clients put before a location.</summary>
    public required Uri Url { get; init; }

    /// <summary>What it was about.</summary>
    public ImmutableArray<LifePackage> Packages { get; init; } = [];

    /// <summary>About a repository as it is served, in which nothing was changed.</summary>
    internal static LifeReceipt Of(RepositoryTarget target, ServedRepository served) =>
        new(served.Metadata.Repomd.Revision, Digest.Of(served.Signed.Bytes)) { Changed = false, Total = served.Metadata.Packages.Length, Url = target.Place.BaseUrl };
}

/// <summary>What became of one package.</summary>
/// <param name="Nevra">What it is.</param>
/// <param name="Sha256">Digest of its file.</param>
/// <param name="State">In one word, for people and JSON: <c>promoted</c>, <c>withdrawn</c>, ….</param>
public sealed record LifePackage(Nevra Nevra, Digest Sha256, string State)
{
    /// <summary>Its path inside the repository, when the ledger is to name it; else the ledger names the repository.</summary>
    internal string? Location { get; init; }
}

/// <summary>How one target ended.</summary>
/// <param name="Target">Which one.</param>
/// <param name="Receipt">The proof that it was done.</param>
/// <param name="Failure">Why it was not.</param>
public sealed record LifeResult(RepositoryTarget Target, LifeReceipt? Receipt, ReleaseException? Failure);
