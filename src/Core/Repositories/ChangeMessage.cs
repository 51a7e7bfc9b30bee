using System.Collections.Immutable;
using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>Says what a change of a repository was, for places that keep messages.</summary>
internal static class ChangeMessage
{
    /// <summary>A line for the eye, then every package that came or went, then the revision.</summary>
    /// <param name="id">Name of the repository.</param>
    /// <param name="before">What clients saw.</param>
    /// <param name="now">What they see.</param>
    internal static string Of(string id, ImmutableArray<IndexedPackage> before, PublishedMetadata now)
    {
        var (added, removed) = (Names(now.Packages, before), Names(before, now.Packages));
        var first = (added, removed) switch
        {
            ([var one, ..], _) => $"publish {one}{More(added)}",
            (_, [var one, ..]) => $"withdraw {one}{More(removed)}",
            _ => $"revision {now.Repomd.Revision}",
        };
        return $"{id}: {first}\n\n{string.Concat(added.Select(name => $"+ {name}\n"))}{string.Concat(removed.Select(name => $"- {name}\n"))}Revision: {now.Repomd.Revision}\n";
    }

    private static ImmutableArray<string> Names(ImmutableArray<IndexedPackage> these, ImmutableArray<IndexedPackage> without)
    {
        var known = without.Select(package => package.File.Digest).ToHashSet();
        return [.. these.Where(package => !known.Contains(package.File.Digest)).Select(package => package.Nevra.ToString())];
    }

    private static string More(ImmutableArray<string> names) => names.Length > 1 ? $" and {names.Length - 1} more" : "";
}
