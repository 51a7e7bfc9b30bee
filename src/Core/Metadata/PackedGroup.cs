using System.Collections.Immutable;

namespace DotnetRelease.Metadata;

/// <summary>Packages that lie side by side in served metadata, with the members that hold exactly them: while the group stays as it is, these are served again.</summary>
/// <param name="Primary">Text and member in primary.xml.</param>
/// <param name="Filelists">Text and member in filelists.xml.</param>
/// <param name="Other">Text and member in other.xml.</param>
internal sealed record PackedGroup(GroupText Primary, GroupText Filelists, GroupText Other)
{
    /// <summary>The packages, in their order.</summary>
    internal ImmutableArray<IndexedPackage> Packages { get; set; } = [];

    /// <summary>The served group that these packages are, all of them and nothing else; or null.</summary>
    internal static PackedGroup? Of(ReadOnlySpan<IndexedPackage> packages)
    {
        if (packages is not [{ Group: { } group }, ..] || group.Packages.Length != packages.Length)
        {
            return null;
        }

        for (var at = 0; at < packages.Length; at++)
        {
            if (!ReferenceEquals(group.Packages[at], packages[at]))
            {
                return null;
            }
        }

        return group;
    }
}

/// <summary>A group in one file.</summary>
/// <param name="Plain">Its text.</param>
/// <param name="Packed">The gzip member that holds it.</param>
internal sealed record GroupText(ReadOnlyMemory<byte> Plain, ReadOnlyMemory<byte> Packed);
