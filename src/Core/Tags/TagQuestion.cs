using System.Collections.Immutable;

namespace DotnetRelease.Tags;

/// <summary>What somebody wants to release, and what is known about it: everything <see cref="TagGate"/> decides from, beside tag, signer and list.</summary>
/// <param name="Name">The tag that was asked for.</param>
/// <param name="Pattern">The form of the project's tags.</param>
/// <param name="Package">What is released; null: what the tag's name says, else <paramref name="Project"/>.</param>
/// <param name="Project">The project's own name.</param>
public sealed record TagQuestion(TagName Name, TagPattern Pattern, string? Package, string Project)
{
    /// <summary>The channel when nobody names one.</summary>
    public const string DefaultChannel = "stable";

    /// <summary>Where to.</summary>
    public string Channel { get; init; } = DefaultChannel;

    /// <summary>As what.</summary>
    public ImmutableArray<ReleaseKind> Kinds { get; init; } = [ReleaseKind.Source, ReleaseKind.Binary];

    /// <summary>Full id of the commit that is built; null when nothing is.</summary>
    public string? Commit { get; init; }

    /// <summary>What the files of the tagged commit say the version is.</summary>
    public ImmutableArray<VersionClaim> Claims { get; init; } = [];

    /// <summary>What was released of this package before.</summary>
    public ImmutableArray<PastRelease> Past { get; init; } = [];

    /// <summary>Ids of tag objects that were accepted before, whether something came of it or not.</summary>
    public ImmutableArray<string> Accepted { get; init; } = [];

    /// <summary>The time of the decision.</summary>
    public required DateTimeOffset Now { get; init; }
}

/// <summary>A version in a file.</summary>
/// <param name="Version">As written.</param>
/// <param name="Position">Where.</param>
public sealed record VersionClaim(string Version, SourcePosition Position);

/// <summary>A version that was released.</summary>
/// <param name="Version">As its tag or its package has it.</param>
/// <param name="Where">For a message: <c>published on 2026-01-31</c>.</param>
/// <param name="TagId">Id of the tag object that was accepted for it; null when nobody knows.</param>
public sealed record PastRelease(string Version, string Where, string? TagId);
