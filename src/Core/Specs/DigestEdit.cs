using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace DotnetRelease.Specs;

/// <summary>
/// Replaces sha256 digests of old files, wherever they are written. An old file is known from the old lock; where that lock is gone, from the
/// source that the same line, or the line that uses the same macro, names.
/// </summary>
internal static partial class DigestEdit
{
    public static void Apply(SpecDraft draft, SpecUpdateRequest request, ImmutableArray<FollowedSource> sources)
    {
        var current = request.Packages.SelectMany(package => package.New.Files).Select(file => file.Digest.Sha256).OfType<Digest>().Concat(request.OtherDigests).ToHashSet();
        var moved = Moved(request, sources);
        var macros = draft.Spec.Read(SpecFacts.None).Macros;
        foreach (var line in draft.Editable.ToList())
        {
            foreach (var match in Hex().Matches(draft.Lines[line].Text).ToList())
            {
                if (!Digest.TryParse(match.Value.ToLowerInvariant(), out var digest) || current.Contains(digest))
                {
                    continue;
                }

                // What is written beside the digest says more than a table of everything that was ever locked.
                var next = Beside(draft, line, sources, macros) ?? moved(digest);
                if (next is { } found)
                {
                    var isUpper = match.Value.Any(char.IsAsciiLetterUpper);
                    draft.Replace(new ValueSpot(line, match.Index, match.Length), isUpper ? found.Hex.ToUpperInvariant() : found.Hex, "digest");
                }
                else if (draft.Changes.Count > 0)
                {
                    draft.Note(line, $"The digest {match.Value[..12]}… belongs to no file of the old or new lock and was left as it is.");
                }
            }
        }
    }

    private static Func<Digest, Digest?> Moved(SpecUpdateRequest request, ImmutableArray<FollowedSource> sources) => digest =>
    {
        foreach (var source in sources)
        {
            if (source.Package.OldFile(source.OldName)?.Digest.Sha256 == digest)
            {
                return source.NewFile.Digest.Sha256;
            }
        }

        foreach (var package in request.Packages)
        {
            var old = package.Old.SelectMany(version => version.Files).FirstOrDefault(file => file.Digest.Sha256 == digest);
            if (old is not null)
            {
                return (package.NewFile(old.Name) ?? Successor.TryOf(package.New, old.Name))?.Digest.Sha256;
            }
        }

        return null;
    };

    private static Digest? Beside(SpecDraft draft, int line, ImmutableArray<FollowedSource> sources, MacroTable macros)
    {
        var text = draft.Lines[line].Text;

        // Several digests on one line cannot be told apart by what else is there.
        if (Hex().Count(text) > 1)
        {
            return null;
        }

        if (Named(text, sources, macros) is { } named)
        {
            return named;
        }

        if (!MacroDefinition.IsStart(text) || MacroDefinition.TryParse(text) is not { } definition)
        {
            return null;
        }

        var users = draft.Editable
            .Where(other => MacroReference.All(draft.Lines[other].Text).Exists(reference => string.Equals(reference.Name, definition.Name, StringComparison.Ordinal)))
            .Select(other => Named(draft.Lines[other].Text, sources, macros))
            .Where(digest => digest is not null)
            .Distinct()
            .ToList();
        return users is [var only] ? only : null;
    }

    /// <summary>The digest of the one followed source that a line names.</summary>
    private static Digest? Named(string line, ImmutableArray<FollowedSource> sources, MacroTable macros)
    {
        var expanded = macros.Expand(line).Text;
        var named = sources
            .Where(source => expanded.Contains(SpecLine.FromText(source.NewFile.Name), StringComparison.Ordinal) || Refers(line, source.Tag.Number))
            .Select(source => source.NewFile.Digest.Sha256)
            .OfType<Digest>()
            .Distinct()
            .ToList();
        return named is [var only] ? only : null;
    }

    private static bool Refers(string line, int number) =>
        SourceReference().Matches(line).Any(match => string.Equals(match.Groups["number"].Value, $"{number}", StringComparison.Ordinal));

    [GeneratedRegex("(?<![0-9A-Fa-f])[0-9A-Fa-f]{64}(?![0-9A-Fa-f])")]
    private static partial Regex Hex();

    [GeneratedRegex(@"%(\{(SOURCE|S:)(?<number>[0-9]+)\}|SOURCE(?<number>[0-9]+))", RegexOptions.ExplicitCapture)]
    private static partial Regex SourceReference();
}
