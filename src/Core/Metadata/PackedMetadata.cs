using System.Collections.Immutable;

namespace DotnetRelease.Metadata;

/// <summary>A metadata file before compression.</summary>
internal sealed record OpenPart(Digest Digest, long Size);

/// <summary>A compressed metadata file in memory.</summary>
/// <param name="Type">As repomd.xml names it.</param>
/// <param name="Members">Its bytes in pieces.</param>
/// <param name="Digest">Digest of them.</param>
/// <param name="Open">The same before compression.</param>
internal sealed record PackedMetadata(string Type, ImmutableArray<byte[]> Members, Digest Digest, OpenPart Open)
{
    /// <summary>A name that says what is inside, so that old and new can lie side by side.</summary>
    internal string FileName => $"{Digest.Hex}-{Name}";

    /// <summary>The same without the digest.</summary>
    internal string Name { get; init; } = $"{Type}.xml.gz";

    /// <summary>Bytes of all pieces.</summary>
    internal long Size => Members.Sum(member => (long)member.Length);
}
