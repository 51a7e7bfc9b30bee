using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace DotnetRelease.Rpm;

/// <summary>
/// Why two packages that ought to be the same have different headers: <see cref="RpmDiff"/> leaves out what a reviewer does not want to
/// see, and here everything counts, times too.
/// </summary>
internal static class RebuildDiff
{
    /// <summary>Tags that follow from the files: they say nothing where the files are named.</summary>
    private static readonly ImmutableHashSet<int> OfFiles =
    [
        RpmTag.Size, RpmTag.LongSize, RpmTag.ArchiveSize, RpmTag.FileSizes, RpmTag.LongFileSizes, RpmTag.FileModes, RpmTag.FileRdevs, RpmTag.FileMtimes,
        RpmTag.FileDigests, RpmTag.FileLinkTos, RpmTag.FileFlags, RpmTag.FileUserName, RpmTag.FileGroupName, RpmTag.FileVerifyFlags, RpmTag.FileDevices,
        RpmTag.FileInodes, RpmTag.FileLangs, RpmTag.DirIndexes, RpmTag.BaseNames, RpmTag.DirNames, RpmTag.PayloadDigest, RpmTag.PayloadDigestAlt,
        RpmTag.PayloadSha512, RpmTag.PayloadSha512Alt, RpmTag.PayloadSha3, RpmTag.PayloadSha3Alt, FileColors, FileClass, ClassDict, FileDependsX, FileDependsN, DependsDict,
    ];

    private static readonly ImmutableHashSet<int> OfRelations =
    [
        RpmTag.ProvideName, RpmTag.ProvideVersion, RpmTag.ProvideFlags, RpmTag.RequireName, RpmTag.RequireVersion, RpmTag.RequireFlags,
        FileDependsX, FileDependsN, DependsDict,
    ];

    private static readonly ImmutableDictionary<int, string> Names = ImmutableDictionary.CreateRange((KeyValuePair<int, string>[])
    [
        new(RpmTag.Summary, "SUMMARY"), new(RpmTag.Description, "DESCRIPTION"), new(RpmTag.BuildTime, "BUILDTIME"), new(RpmTag.BuildHost, "BUILDHOST"),
        new(RpmTag.Vendor, "VENDOR"), new(RpmTag.Packager, "PACKAGER"), new(RpmTag.Distribution, "DISTRIBUTION"), new(RpmTag.SourceRpm, "SOURCERPM"),
        new(RpmTag.RpmVersion, "RPMVERSION"), new(RpmTag.ChangelogTime, "CHANGELOGTIME"), new(RpmTag.ChangelogName, "CHANGELOGNAME"), new(RpmTag.ChangelogText, "CHANGELOGTEXT"),
        new(RpmTag.ProvideName, "PROVIDENAME"), new(RpmTag.ProvideVersion, "PROVIDEVERSION"), new(RpmTag.RequireName, "REQUIRENAME"), new(RpmTag.RequireVersion, "REQUIREVERSION"),
        new(RpmTag.PayloadDigest, "PAYLOADDIGEST"), new(RpmTag.PayloadDigestAlt, "PAYLOADDIGESTALT"), new(RpmTag.PayloadFlags, "PAYLOADFLAGS"),
        new(RpmTag.PayloadCompressor, "PAYLOADCOMPRESSOR"), new(RpmTag.FileInodes, "FILEINODES"), new(RpmTag.FileDevices, "FILEDEVICES"), new(Cookie, "COOKIE"), new(OptFlags, "OPTFLAGS"),
        new(Spec, "SPEC"), new(SourcePackageId, "SOURCEPKGID"),
    ]);

    private const int Cookie = 1094;
    private const int OptFlags = 1122;
    private const int SourcePackageId = 1146;
    private const int Spec = 5099;
    private const int FileColors = 1140;
    private const int FileClass = 1141;
    private const int ClassDict = 1142;
    private const int FileDependsX = 1143;
    private const int FileDependsN = 1144;
    private const int DependsDict = 1145;

    /// <summary>One line for each file, relation, scriptlet and tag that differs; files first, because the rest often follows from them.</summary>
    public static ImmutableArray<string> Of(RpmPackage one, RpmPackage other)
    {
        var differences = RpmDiff.Of(one, other).Differences.Where(found => found.Area is not RpmArea.Header).ToLookup(found => found.Area is RpmArea.Files);
        ImmutableArray<string> files = [.. differences[true].Select(Line), .. Times(one, other)];
        var explained = (files.IsEmpty ? [] : OfFiles)
            .Union(differences[false].Any(found => found.Area is not RpmArea.Scriptlets) ? OfRelations : [])
            .Union(differences[false].Any(found => found.Area is RpmArea.Scriptlets) ? RpmScriptlet.Tags : []);
        ImmutableArray<string> lines = [.. files, .. differences[false].Select(found => $"{Area(found)}{Line(found)}"), .. Tags(one.Header, other.Header, explained.Add(SourcePackageId))];

        // The digest of the source package, which is compared by itself, is worth a line only where nothing else is.
        return lines.IsEmpty ? [.. Tags(one.Header, other.Header, [])] : lines;
    }

    /// <summary>The name of a scriptlet says that it is one.</summary>
    private static string Area(RpmDifference found) => found.Area is RpmArea.Scriptlets ? "" : $"{found.Area.ToString().ToLowerInvariant()} ";

    private static string Line(RpmDifference found) => $"{found.Name}: {OneLine(found.Old ?? "not there")} -> {OneLine(found.New ?? "not there")}";

    private static IEnumerable<string> Times(RpmPackage one, RpmPackage other) => one.Files
        .Join(other.Files, file => file.Path, same => same.Path, (file, same) => (file, same), StringComparer.Ordinal)
        .Where(pair => pair.file.Modified != pair.same.Modified)
        .Select(pair => $"{pair.file.Path}: time {Time(pair.file.Modified)} -> {Time(pair.same.Modified)}");

    private static IEnumerable<string> Tags(RpmHeader one, RpmHeader other, ImmutableHashSet<int> explained)
    {
        var (before, after) = (Bytes(one), Bytes(other));
        return from tag in before.Keys.Union(after.Keys).Order()
               where !explained.Contains(tag)
               let was = before.GetValueOrDefault(tag)
               let now = after.GetValueOrDefault(tag)
               where !was.Span.SequenceEqual(now.Span)
               select $"tag {Names.GetValueOrDefault(tag) ?? tag.ToString(CultureInfo.InvariantCulture)}: {Value(one, tag)} -> {Value(other, tag)}";
    }

    private static Dictionary<int, ReadOnlyMemory<byte>> Bytes(RpmHeader header) => header.Entries.ToDictionary(entry => entry.Tag, entry => header.Bytes.Slice(entry.Start, entry.Length));

    private static string Value(RpmHeader header, int tag) => header.Entries.FirstOrDefault(entry => entry.Tag == tag) switch
    {
        { Tag: 0 } => "not there",
        { Type: RpmType.String or RpmType.StringArray or RpmType.I18nString } texts => OneLine(header.Text(tag) ?? "") + More(texts.Count),
        { Type: RpmType.Binary } => "bytes",
        { Count: 0 } => "nothing",
        var numbers => (tag is RpmTag.BuildTime ? Time((uint)header.Number(tag)!) : header.Number(tag)!.Value.ToString(CultureInfo.InvariantCulture)) + More(numbers.Count),
    };

    private static string More(int count) => count > 1 ? $" and {count - 1} more" : "";

    private static string Time(uint seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>What a package holds may be long, and may speak to terminals.</summary>
    private static string OneLine(string text)
    {
        const int enough = 100;
        var line = new StringBuilder();
        foreach (var letter in text.Length > enough ? text[..enough] + "…" : text)
        {
            line.Append(char.IsControl(letter) ? ' ' : letter);
        }

        return line.ToString();
    }
}
