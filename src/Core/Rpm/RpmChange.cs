using System.Collections.Immutable;

namespace DotnetRelease.Rpm;

/// <summary>One entry of a package's change log.</summary>
/// <param name="Time">Seconds since 1970; rpmbuild puts noon UTC of the day.</param>
/// <param name="Author">Name, address and version as the spec has them.</param>
/// <param name="Text">What changed.</param>
public readonly record struct RpmChange(uint Time, string Author, string Text)
{
    internal static ImmutableArray<RpmChange> ReadAll(RpmPackage package)
    {
        var header = package.Header;
        var (times, authors, texts) = (header.Numbers(RpmTag.ChangelogTime), header.Texts(RpmTag.ChangelogName), header.Texts(RpmTag.ChangelogText));
        return times.Length == authors.Length && times.Length == texts.Length
            ? [.. times.Select((time, index) => new RpmChange((uint)time, authors[index], texts[index]))]
            : throw Malformed.Rpm(package.Path, $"its change log has {times.Length} times, {authors.Length} authors and {texts.Length} texts");
    }
}
