using System.Collections.Immutable;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Specs;

/// <summary>A source line that belongs to a followed package, with its file before and after.</summary>
internal sealed record FollowedSource(SpecTag Tag, FollowedPackage Package, string OldName, LockedFile NewFile);

/// <summary>Brings the source lines of followed packages to the files of the lock.</summary>
internal static class SourceEdit
{
    public static ImmutableArray<FollowedSource> Apply(SpecDraft draft, SpecUpdateRequest request, SourceLines before)
    {
        var followed = ImmutableArray.CreateBuilder<FollowedSource>();
        foreach (var (tag, oldNames) in before.All)
        {
            // Read again each time: a macro edited for one line may have put the next one right.
            var newNames = SourceLines.Read(draft.Spec, request.Archs).NamesAt(tag.Line);
            if (FindOwner(request, oldNames, newNames) is not { } owner)
            {
                continue;
            }

            if (newNames.All(name => owner.NewFile(name) is not null))
            {
                followed.AddRange(newNames.Select((name, index) =>
                    new FollowedSource(tag, owner, index < oldNames.Length ? oldNames[index] : name, owner.NewFile(name)!)));
            }
            else if (newNames.Length is 1)
            {
                var file = Successor.Of(owner.New, oldNames is [var old] ? old : newNames[0], draft.Spec.At(tag.Line), MachinesOf(tag, request));
                Rewrite(draft, tag, file.Name);
                followed.Add(new FollowedSource(tag, owner, oldNames is [var only] ? only : newNames[0], file));
            }
            else
            {
                draft.Note(tag.Line, $"{tag.Label} stands for several files ({string.Join(", ", newNames)}), and the lock does not have all of them.");
            }
        }

        RenameElsewhere(draft, followed);
        return followed.ToImmutable();
    }

    // A line under "%if 0%{?fedora} >= 44" is for the distros of which that is true.
    private static List<WheelTarget> MachinesOf(SpecTag tag, SpecUpdateRequest request) =>
    [
        .. request.Machines
            .Where(machine => request.Spec.Read(SpecFacts.For(machine.Dist, machine.Wheels.Arch)).Sources.Any(line => line.Line == tag.Line))
            .Select(machine => machine.Wheels),
    ];

    private static FollowedPackage? FindOwner(SpecUpdateRequest request, ImmutableArray<string> oldNames, ImmutableArray<string> newNames)
    {
        if (newNames.IsEmpty)
        {
            return null;
        }

        var names = oldNames.Concat(newNames).ToList();
        return request.Packages.FirstOrDefault(package => names.Exists(name => package.OldFile(name) is not null || package.NewFile(name) is not null))
            ?? request.Packages.FirstOrDefault(package => names.Exists(name => string.Equals(DistributionFile.PackageOf(name), package.Name, StringComparison.Ordinal)));
    }

    private static void Rewrite(SpecDraft draft, SpecTag tag, string file)
    {
        var (spot, what) = ValueSpot.Follow(draft, ValueSpot.Of(tag), tag.Label);
        var slash = MacroSyntax.LastSlash(draft.Text(spot));
        var part = new ValueSpot(spot.Line, spot.Start + slash + 1, spot.Length - slash - 1);
        (part, what) = ValueSpot.Follow(draft, part, what);
        var macros = draft.Spec.Read(SpecFacts.None).Macros;
        var name = SpecLine.FromText(file);
        if (!SetOneMacro(draft, part, name, macros))
        {
            draft.Replace(part, KeepMacros(draft.Text(part), name, macros), what);
        }
    }

    // "%{version}-%{tags}.whl" with new tags: one edit of %tags instead of one per source line.
    private static bool SetOneMacro(SpecDraft draft, ValueSpot part, string file, MacroTable macros)
    {
        var raw = draft.Text(part);
        foreach (var reference in MacroReference.All(raw))
        {
            var (prefix, suffix) = (macros.Expand(raw[..reference.Start]), macros.Expand(raw[reference.End..]));
            if (prefix.IsComplete && suffix.IsComplete && file.Length > prefix.Text.Length + suffix.Text.Length
                && file.StartsWith(prefix.Text, StringComparison.Ordinal) && file.EndsWith(suffix.Text, StringComparison.Ordinal)
                && ValueSpot.DefinitionOf(draft, reference.Name) is { } definition)
            {
                (definition, var what) = ValueSpot.Follow(draft, definition, "%" + reference.Name);
                draft.Replace(definition, file[prefix.Text.Length..^suffix.Text.Length], what);
                return true;
            }
        }

        return false;
    }

    // A part between dashes that still expands to the right text keeps its macro, so that the next bump is a smaller edit.
    private static string KeepMacros(string raw, string file, MacroTable macros)
    {
        var (old, now) = (SplitAtDashes(raw), file.Split('-'));
        if (old.Count != now.Length)
        {
            return file;
        }

        return string.Join('-', old.Zip(now, (written, wanted) =>
            macros.Expand(written) is { IsComplete: true } expansion && string.Equals(expansion.Text, wanted, StringComparison.Ordinal) ? written : wanted));
    }

    private static List<string> SplitAtDashes(string raw)
    {
        List<string> parts = [];
        var start = 0;
        for (var at = 0; at < raw.Length; at++)
        {
            if (raw[at] is '%' && at + 1 < raw.Length && raw[at + 1] is '{' or '(' or '[' && MacroSyntax.Close(raw, at + 1) is > 0 and var end)
            {
                at = end;
            }
            else if (raw[at] is '-')
            {
                parts.Add(raw[start..at]);
                start = at + 1;
            }
        }

        return [.. parts, raw[start..]];
    }

    // File names written out a second time, for example in %prep beside their digest.
    private static void RenameElsewhere(SpecDraft draft, IEnumerable<FollowedSource> sources)
    {
        foreach (var source in sources.Where(source => !string.Equals(source.OldName, source.NewFile.Name, StringComparison.Ordinal)))
        {
            var old = SpecLine.FromText(source.OldName);
            foreach (var line in draft.Editable.Where(line => line != source.Tag.Line))
            {
                for (var at = draft.Lines[line].Text.IndexOf(old, StringComparison.Ordinal); at >= 0;)
                {
                    var isWhole = at is 0 || !IsNameChar(draft.Lines[line].Text[at - 1]);
                    if (isWhole)
                    {
                        draft.Replace(new ValueSpot(line, at, old.Length), SpecLine.FromText(source.NewFile.Name), "file name");
                    }

                    var next = at + (isWhole ? source.NewFile.Name.Length : old.Length);
                    at = next < draft.Lines[line].Text.Length ? draft.Lines[line].Text.IndexOf(old, next, StringComparison.Ordinal) : -1;
                }
            }
        }
    }

    private static bool IsNameChar(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '+';
}
