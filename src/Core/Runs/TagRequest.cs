using System.Collections.Immutable;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs;

/// <summary>Which tag, for what, and by whose list.</summary>
/// <param name="Tag">As the user typed it.</param>
public sealed record TagRequest(string Tag)
{
    /// <summary>The package; null: what the tag's name says, else the project.</summary>
    public string? Package { get; init; }

    /// <summary>Where to.</summary>
    public string Channel { get; init; } = TagQuestion.DefaultChannel;

    /// <summary>As what.</summary>
    public ImmutableArray<ReleaseKind> Kinds { get; init; } = [ReleaseKind.Source, ReleaseKind.Binary];

    /// <summary>A revision whose list counts; null: the default branch of <c>origin</c>, else the branch that is checked out.</summary>
    public string? Maintainers { get; init; }

    /// <summary>
    /// The revision that is built: the tag has to name it. Null: <c>HEAD</c>, unless a branch is checked out, where people look at old tags and
    /// a difference is only worth a warning.
    /// </summary>
    public string? Commit { get; init; }

    /// <summary>What was released, as far as the ledger does not know: from the record of a repository.</summary>
    public ImmutableArray<PastRelease> Past { get; init; } = [];

    /// <summary>Decide, and leave the ledger alone.</summary>
    public bool IsDryRun { get; init; }
}
