using System.Collections.Immutable;

namespace DotnetRelease.Specs;

/// <summary>
/// A spec brought in line with a lock by the smallest text edit: <c>Version</c>, <c>Release</c>, source lines, digests and a changelog entry.
/// Everything else keeps its bytes, and a second update changes nothing.
/// </summary>
/// <param name="Spec">The result; the same value when nothing had to change.</param>
/// <param name="Changes">What was changed, in the order of the lines.</param>
/// <param name="Notes">What a person should look at because it could not be decided here.</param>
public sealed record SpecUpdate(SpecFile Spec, ImmutableArray<SpecChange> Changes, ImmutableArray<SpecNote> Notes)
{
    /// <summary>The sources of followed packages, with their files before and after.</summary>
    internal ImmutableArray<FollowedSource> Followed { get; init; } = [];

    /// <summary>Whether the update would write a changelog entry, and so needs an author.</summary>
    public static bool WantsEntry(SpecUpdateRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Make(request with { Author = SpecAuthor.Nobody }).Changes.Any(change => change.What == ChangelogEdit.What);
    }

    /// <summary>Makes the update.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.WheelNotFound"/>, or <see cref="Fault.SpecMalformed"/> where the version is computed and cannot be written.
    /// </exception>
    public static SpecUpdate Make(SpecUpdateRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var draft = new SpecDraft(request.Spec);
        var before = SourceLines.Read(request.Spec, request.Archs);

        var versionChanged = VersionEdit.Apply(draft, request.Version);
        var sources = SourceEdit.Apply(draft, request, before);
        DigestEdit.Apply(draft, request, sources);
        if (draft.Changes.Count > 0)
        {
            ReleaseEdit.Apply(draft, reset: versionChanged);
        }

        ChangelogEdit.Apply(draft, request, sources);
        return draft.Changes.Count is 0
            ? new(request.Spec, [], [.. draft.Notes]) { Followed = sources }
            : new(draft.Spec, [.. draft.Changes.OrderBy(change => change.Line)], [.. draft.Notes]) { Followed = sources };
    }
}

/// <summary>One edit.</summary>
/// <param name="Line">In the spec as it was, counted from 1.</param>
/// <param name="What"><c>Version</c>, <c>Release</c>, <c>Source0</c>, <c>digest</c>, <c>file name</c>, <c>%changelog</c>, or the macro that holds the value.</param>
/// <param name="Old">The text that was replaced; empty for an insertion.</param>
/// <param name="New">The text that stands there now.</param>
public sealed record SpecChange(int Line, string What, string Old, string New)
{
    /// <summary>Whether it is a changelog entry that somebody has to write.</summary>
    public bool IsMissing => What is ChangelogEdit.What;

    /// <summary>The edit as something that was not done.</summary>
    public string AsLag => IsMissing ? "no entry names this version" : $"it has '{Old}' where the lock wants '{New}'";
}

/// <summary>Something that was left alone and needs a look.</summary>
/// <param name="Position">Where.</param>
/// <param name="Text">One sentence.</param>
public sealed record SpecNote(SourcePosition Position, string Text);
