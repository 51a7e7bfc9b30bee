namespace DotnetRelease.Runs.Shipping;

/// <summary>What <c>ship</c> is asked for.</summary>
public sealed record ShipRequest
{
    /// <summary>Name of the tag, without <c>refs/tags/</c>; null: the one that was begun, or the one of the current commit.</summary>
    public string? Tag { get; init; }

    /// <summary>Go on with a release that was begun.</summary>
    public bool Resume { get; init; }

    /// <summary>Channel that the signer has to be allowed for. When it names a repository, the release ends there.</summary>
    public string Channel { get; init; } = DefaultChannel;

    /// <summary>A revision whose list of maintainers counts; null: that of the protected branch.</summary>
    public string? Maintainers { get; init; }

    /// <summary>The repository that packages are published to first; null: the only one that is not promoted to.</summary>
    public string? To { get; init; }

    /// <summary>The production repository that somebody said yes to, before being asked.</summary>
    public ProductionAnswer? Yes { get; init; }

    /// <summary>Asks a person for the name of the production repository; null: nobody can be asked.</summary>
    public Func<string, CancellationToken, Task<string?>>? Ask { get; init; }

    /// <summary>What everybody can install from.</summary>
    public const string DefaultChannel = "stable";
}

/// <summary>An answer given in advance: <c>prod</c>, or <c>prod@1a2b3c4d</c>, which is good for the plan of that digest only.</summary>
/// <param name="Repository">The settings' name of the repository.</param>
/// <param name="Plan">The first digits of the digest of the plan that was shown; null: whatever the plan is.</param>
public sealed record ProductionAnswer(string Repository, string? Plan)
{
    /// <summary>Reads <c>NAME[@DIGITS]</c>.</summary>
    public static ProductionAnswer Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split('@', 2) is [var name, var plan] ? new(name, plan) : new(text, null);
    }
}
