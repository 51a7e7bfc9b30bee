using System.Collections.Immutable;
using DotnetRelease.Http;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>What is expected of a repository.</summary>
/// <param name="Trusted">The certificates a client would have.</param>
public sealed record VerifyRequest(RpmVerifier Trusted)
{
    /// <summary>Reads every package wholly, where the others are only looked at. Packages in a folder of this machine are always read.</summary>
    public bool Deep { get; init; }

    /// <summary>Which repository it has to be, as its <c>.repo</c> file calls it; null: whichever its record says.</summary>
    public string? Id { get; init; }

    /// <summary>Where clients find it; null: nobody said, and the <c>.repo</c> file may name any place.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>Addresses that the key once had, and that clients still ask.</summary>
    public ImmutableArray<Uri> KeyUrls { get; init; } = [];

    /// <summary>The way to the network; null: nothing but the repository itself is read.</summary>
    public HttpDoor? Door { get; init; }

    /// <summary>The highest revision that the ledger saw published there, or null.</summary>
    public long? LedgerRevision { get; init; }

    /// <summary>A record that is older is a warning: somebody may be hiding newer ones.</summary>
    public TimeSpan FreezeAfter { get; init; } = TimeSpan.FromDays(90);

    /// <summary>The present.</summary>
    public DateTimeOffset Now { get; init; } = DateTimeOffset.UtcNow;
}
