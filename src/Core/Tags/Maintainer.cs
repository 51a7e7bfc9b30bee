using System.Collections.Immutable;

namespace DotnetRelease.Tags;

/// <summary>One <c>[[maintainer]]</c>: somebody with one key, and what this key may release.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Key">What tags are signed with.</param>
/// <param name="Position">Where it stands.</param>
public sealed record Maintainer(string Name, MaintainerKey Key, SourcePosition Position)
{
    /// <summary>Packages; none: may release nothing.</summary>
    public ImmutableArray<NamePattern> Packages { get; init; } = [];

    /// <summary>Channels; none: may release to nowhere.</summary>
    public ImmutableArray<string> Channels { get; init; } = [];

    /// <summary>What may be built from a tag.</summary>
    public ImmutableArray<ReleaseKind> Kinds { get; init; } = [ReleaseKind.Source, ReleaseKind.Binary];

    /// <summary>The first day, in UTC; null for always.</summary>
    public DateOnly? ValidFrom { get; init; }

    /// <summary>The last day, in UTC; null for always.</summary>
    public DateOnly? ValidUntil { get; init; }

    /// <summary>Name of the <see cref="Confinement"/> that everything from this maintainer is subject to, or null.</summary>
    public string? ConfinedTo { get; init; }

    /// <summary>Whether the entry counts on the day of a moment.</summary>
    public bool IsValidAt(DateTimeOffset moment)
    {
        var day = DateOnly.FromDateTime(moment.UtcDateTime);
        return !(day < ValidFrom) && !(day > ValidUntil);
    }

    /// <summary>Key and name: <c>4978…3B03 (alice)</c>.</summary>
    public override string ToString() => $"{Key.Id} ({Name})";
}

/// <summary>What packages are released as.</summary>
public enum ReleaseKind
{
    /// <summary>Source packages.</summary>
    Source,

    /// <summary>Packages that are installed.</summary>
    Binary,
}

/// <summary>A key of a maintainer.</summary>
/// <param name="Id">How it is named in messages: a whole fingerprint.</param>
public abstract record MaintainerKey(string Id);

/// <summary>An OpenPGP certificate.</summary>
/// <param name="Fingerprint">Of its primary key: 40 or 64 hex digits, upper case.</param>
/// <param name="File">Path of the certificate beside the list, in the same commit.</param>
public sealed record OpenPgpMaintainerKey(string Fingerprint, string File) : MaintainerKey(Fingerprint);

/// <summary>An ssh key.</summary>
/// <param name="Key">The public part.</param>
public sealed record SshMaintainerKey(SshPublicKey Key) : MaintainerKey(Key.Fingerprint);
