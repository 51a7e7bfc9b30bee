using System.Collections.Immutable;

namespace DotnetRelease.Repositories;

/// <summary>What came out of checking a repository.</summary>
/// <param name="Folder">The repository.</param>
/// <param name="Items">Its repomd.xml, then its packages.</param>
public sealed record RepositoryReport(string Folder, ImmutableArray<RepositoryItem> Items)
{
    /// <summary>Of the metadata; null when there is none that can be read.</summary>
    public long? Revision { get; init; }

    /// <summary>How many packages its metadata names.</summary>
    public int Packages { get; init; }

    /// <summary>What a person should know, and what a client survives.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Packages in the folder that the metadata does not name. No client sees them; a killed publication leaves them.</summary>
    public ImmutableArray<string> Orphans { get; init; } = [];

    /// <summary>Whether a client may use it.</summary>
    public bool Ok => Items.All(item => item.Problems.IsEmpty);
}

/// <summary>One file of a repository.</summary>
/// <param name="Path">Where it is, or should be.</param>
public sealed record RepositoryItem(string Path)
{
    /// <summary>What the metadata calls it; null for repomd.xml.</summary>
    public Nevra? Nevra { get; init; }

    /// <summary>Fingerprint of the certificate whose good signature it has.</summary>
    public string? Signer { get; init; }

    /// <summary>What is good about it, as the end of a sentence; null: that it is signed.</summary>
    public string? Note { get; init; }

    /// <summary>What a client would refuse.</summary>
    public ImmutableArray<RepositoryProblem> Problems { get; init; } = [];
}

/// <summary>One reason to refuse a file.</summary>
/// <param name="Fault">What kind of reason.</param>
/// <param name="Text">What is wrong, as full sentences.</param>
public sealed record RepositoryProblem(Fault Fault, string Text)
{
    internal static RepositoryProblem Of(ReleaseException ex) => new(ex.Fault, ex.Message);
}
