using System.Collections.Immutable;
using System.Text.RegularExpressions;
using DotnetRelease.WheelFiles;

namespace DotnetRelease.NewSpecs;

/// <summary>A licence as RPM wants it, in SPDX's words.</summary>
/// <param name="Expression">Null when the wheel says nothing that has a name there.</param>
/// <param name="Doubt">What a person has to look at, as a sentence; null when the wheel was clear.</param>
internal sealed partial record SpdxLicense(string? Expression, string? Doubt)
{
    private const string Osi = "License :: OSI Approved :: ";

    /// <summary>What stands for a licence that nobody could tell (SPDX, annex D).</summary>
    public const string Unknown = "LicenseRef-Unknown";

    /// <summary>The expression of a package of several wheels: all of theirs hold.</summary>
    public static SpdxLicense Of(IEnumerable<WheelMetadata> wheels)
    {
        var all = wheels.Select(Of).ToList();
        var known = all.Select(each => each.Expression).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var expression = known switch
        {
            [] => null,
            [var only] => only,
            _ => string.Join(" AND ", known.Select(each => each.Contains(" OR ", StringComparison.Ordinal) ? $"({each})" : each)),
        };
        return new(expression, all.Select(each => each.Doubt).FirstOrDefault(doubt => doubt is not null));
    }

    private static SpdxLicense Of(WheelMetadata wheel)
    {
        if (wheel.LicenseExpression is { } expression && Form().IsMatch(expression))
        {
            return new(expression, null);
        }

        var approved = wheel.Classifiers.Where(each => each.StartsWith(Osi, StringComparison.Ordinal)).Select(each => each[Osi.Length..]).ToList();
        var classified = approved.Select(LicenseNames.OfClassifier).OfType<string>().Distinct(StringComparer.Ordinal).ToImmutableArray();
        var said = wheel.License is { Length: < 200 } written ? SpecText.Line(written) : null;
        return (said is null ? null : LicenseNames.OfSpelling(said), classified) switch
        {
            ({ } named, _) => new(named, LicenseNames.IsVague(said!) ? Guess(wheel, said!) : null),
            (null, [var only]) when approved.Count is 1 => new(only, LicenseNames.IsVague(approved[0]) ? Guess(wheel, approved[0]) : null),
            (null, [_, ..]) => new(string.Join(" AND ", classified), $"{wheel.Name} has several licence classifiers ({string.Join("; ", approved)}), which do not say whether all hold or one can be chosen."),
            (null, []) when said is null && approved is [] => new(null, $"{wheel.Name} says nothing about its licence."),
            _ => new(null, $"{wheel.Name} calls its licence '{said ?? string.Join("; ", approved)}', which is no name of SPDX's."),
        };
    }

    private static string Guess(WheelMetadata wheel, string said) => $"{wheel.Name} calls its licence '{said}', which names no version or kind: the expression is the usual one.";

    // The characters of SPDX's grammar; the words in it were the publisher's to check (PEP 639).
    [GeneratedRegex(@"^[A-Za-z0-9.+() :-]{1,500}$")]
    private static partial Regex Form();
}
