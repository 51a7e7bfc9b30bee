using System.Collections.Immutable;

namespace DotnetRelease.Facts;

/// <summary>
/// One thing that was done, or seen: by whom, when, with which bytes, where. A fact is written after the thing is true and never
/// changed; what is true now is for the world to say.
/// </summary>
/// <param name="Kind">What happened.</param>
public sealed record Fact(FactKind Kind)
{
    /// <summary>Name of the package, or of the project for what concerns all of it; null when it is about neither.</summary>
    public string? Package { get; init; }

    /// <summary>Version, or <c>[epoch:]version-release</c> when it is about one RPM.</summary>
    public string? Version { get; init; }

    /// <summary><c>name-[epoch:]version-release.arch</c> when it is about one RPM.</summary>
    public string? Nevra { get; init; }

    /// <summary>The settings' name of the target, or null.</summary>
    public string? Target { get; init; }

    /// <summary>Digest of the bytes it is about.</summary>
    public Digest? Digest { get; init; }

    /// <summary>Who did it: a person, a key's fingerprint, or <c>user@machine</c>, which the ledger fills in for nobody.</summary>
    public string Who { get; init; } = "";

    /// <summary>When, in UTC to the second; the ledger fills in the time of writing.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Where it lies now: a path or an address, without credentials.</summary>
    public string? Where { get; init; }

    /// <summary>Found in the world afterwards and not witnessed: the ledger was rebuilt.</summary>
    public bool IsObserved { get; init; }

    /// <summary>What else belongs to it, ordered by name.</summary>
    public ImmutableSortedDictionary<string, string> Details { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>A fact about one RPM.</summary>
    public static Fact Of(FactKind kind, Nevra nevra, Digest digest)
    {
        ArgumentNullException.ThrowIfNull(nevra);
        return new(kind)
        {
            Package = nevra.Name,
            Version = nevra.Epoch is 0 ? $"{nevra.Version}-{nevra.Release}" : $"{nevra.Epoch}:{nevra.Version}-{nevra.Release}",
            Nevra = nevra.ToString(),
            Digest = digest,
        };
    }

    /// <summary>The same fact with one detail more.</summary>
    public Fact With(string name, string value) => this with { Details = Details.SetItem(name, value) };
}
