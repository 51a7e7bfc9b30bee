using System.Collections.Immutable;

namespace DotnetRelease.Metadata;

/// <summary>What a release of one source package tells the people who update: an <c>update</c> of updateinfo.xml.</summary>
/// <param name="Id">Unique in the repository: project, and name, version and release of the source package.</param>
/// <param name="Text">The newest changelog entry, as it is.</param>
/// <param name="Issued">Time of that entry.</param>
internal sealed record Notice(string Id, string Text, DateTimeOffset Issued)
{
    /// <summary>Name, version and release of the source package.</summary>
    public required string Title { get; init; }

    /// <summary>The packages that were built from it, ordered by location.</summary>
    public required ImmutableArray<IndexedPackage> Packages { get; init; }

    /// <summary>Vulnerabilities, then bugs, that the text names.</summary>
    public required ImmutableArray<NoticeReference> References { get; init; }

    /// <summary>Who names a vulnerability in a changelog says that it is fixed; everything else is a bug fix.</summary>
    public string Kind => References.Any(reference => reference.Kind is not "bugzilla") ? "security" : "bugfix";
}

/// <summary>Where to read more.</summary>
/// <param name="Id">Name of the vulnerability, or number of the bug.</param>
/// <param name="Kind"><c>cve</c>, <c>bugzilla</c>, <c>other</c>: what dnf knows.</param>
/// <param name="Url">The page.</param>
internal sealed record NoticeReference(string Id, string Kind, string Url);
