namespace DotnetRelease.Facts;

/// <summary>What happened. The ledger writes the names in lower case with dashes; a name that was written once keeps its meaning.</summary>
public enum FactKind
{
    /// <summary>A release was planned; the digest is that of the plan.</summary>
    Planned,

    /// <summary>A package was built.</summary>
    Built,

    /// <summary>A package was signed; the digest is that of the signed file.</summary>
#pragma warning disable CA1720 // Signed with a key, not a signed integer.
    Signed,
#pragma warning restore CA1720

    /// <summary>A file lies where others can get it, but nothing names it yet: an asset of a draft, a package that the metadata does not list.</summary>
    Uploaded,

    /// <summary>A package is served by a repository, read back as a client.</summary>
    Published,

    /// <summary>A package went from one repository to the next with the same bytes.</summary>
    Promoted,

    /// <summary>A repository serves earlier metadata again.</summary>
    RolledBack,

    /// <summary>Retention removed a package.</summary>
    Pruned,

    /// <summary>A newer version took a package's place.</summary>
    Superseded,

    /// <summary>A package was taken out of the metadata by decision of a person.</summary>
    Withdrawn,

    /// <summary>A step failed; the details say which and why.</summary>
    Failed,

    /// <summary>The signed tag may release this version.</summary>
    TagAccepted,

    /// <summary>The signed tag may not; the details say why.</summary>
    TagRefused,

    /// <summary>A release is public.</summary>
    Released,

    /// <summary>A signing key was added, rotated or taken out.</summary>
    KeyChanged,
}

/// <summary>The names of kinds as the ledger has them.</summary>
public static class FactKinds
{
    private static readonly Dictionary<FactKind, string> Words = Enum.GetValues<FactKind>().ToDictionary(kind => kind, Dashed);
    private static readonly Dictionary<string, FactKind> Kinds = Words.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary><c>rolled-back</c>.</summary>
    public static string ToWord(this FactKind kind) => Words[kind];

    /// <summary>The kind of a word, or null for one that this version does not know.</summary>
    public static FactKind? TryParse(string? word) => word is not null && Kinds.TryGetValue(word, out var kind) ? kind : null;

    private static string Dashed(FactKind kind) =>
        string.Concat(kind.ToString().Select((c, at) => char.IsAsciiLetterUpper(c) ? $"{(at is 0 ? "" : "-")}{char.ToLowerInvariant(c)}" : c.ToString()));
}
