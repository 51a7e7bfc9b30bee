using System.Globalization;
using System.Text.RegularExpressions;

namespace DotnetRelease.Specs;

/// <summary>How the entries of a changelog are written, read off the newest one.</summary>
/// <param name="Newest">Date of the newest entry, or null when there is none.</param>
/// <param name="NewestEvr">What its header names as version, or null.</param>
internal sealed partial record ChangelogStyle(DateOnly? Newest, string? NewestEvr)
{
    private static readonly string[] Days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    private static readonly string[] Months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <summary>What stands between person and version.</summary>
    public string Separator { get; private init; } = " - ";

    /// <summary>The header names no version.</summary>
    public bool NoVersion { get; private init; }

    /// <summary>The header names a version without release.</summary>
    public bool OnlyVersion { get; private init; }

    /// <summary>The header has the time of day, rpm's longer date form.</summary>
    public bool WithTime { get; private init; }

    /// <summary>How a day below 10 is written.</summary>
    public string DayFormat { get; private init; } = "00";

    /// <summary>What an item starts with.</summary>
    public string Bullet { get; private init; } = "- ";

    /// <summary>Entries are separated by an empty line.</summary>
    public bool BlankBetween { get; private init; } = true;

    /// <summary>Reads the lines of the section, its own line first.</summary>
    public static ChangelogStyle Of(IReadOnlyList<string> lines)
    {
        var headers = lines.Index().Where(line => line.Item.StartsWith('*')).Select(line => (line.Index, Match: Line().Match(line.Item))).ToList();
        if (headers is not [{ Match.Success: true } first, ..])
        {
            return new(null, null);
        }

        var evr = first.Match.Groups["evr"];
        var body = lines.Skip(first.Index + 1).TakeWhile(line => !line.StartsWith('*')).ToList();
        var bullet = body.Select(line => BulletMark().Match(line)).FirstOrDefault(match => match.Success)?.Value;
        var padding = headers.Select(header => header.Match.Groups["day"].Value).FirstOrDefault(day => day.Trim().TrimStart('0').Length is 1);
        return new(Date(first.Match), evr.Success ? SpecLine.ToText(evr.Value) : null)
        {
            Separator = evr.Success ? first.Match.Groups["separator"].Value : " - ",
            NoVersion = !evr.Success,
            OnlyVersion = evr.Success && !evr.Value.Contains('-', StringComparison.Ordinal),
            WithTime = first.Match.Groups["time"].Success,
            DayFormat = padding switch { null or ['0', ..] => "00", [' ', ..] => " 0", _ => "0" },
            Bullet = bullet ?? "- ",
            BlankBetween = headers.Count < 2 || string.IsNullOrWhiteSpace(lines[headers[1].Index - 1]),
        };
    }

    /// <summary>The header line of a new entry. The weekday is computed; rpm calls a wrong one "bogus date".</summary>
    public string Header(SpecAuthor author, string evr)
    {
        var date = author.Date;
        var number = DayFormat is "00" ? $"{date.Day:00}" : DayFormat is " 0" ? $"{date.Day,2}" : $"{date.Day}";
        var time = WithTime ? " 12:00:00 UTC" : "";

        // A percent sign in a name would be a macro.
        var person = $"{author.Name} <{author.Mail}>".Replace("%", "%%", StringComparison.Ordinal);
        return $"* {Days[(int)date.DayOfWeek]} {Months[date.Month - 1]} {number}{time} {date.Year} {person}" + (NoVersion ? "" : Separator + evr);
    }

    private static DateOnly? Date(Match match)
    {
        var month = Array.IndexOf(Months, match.Groups["month"].Value) + 1;
        return int.TryParse(match.Groups["day"].Value, NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var day)
            && int.TryParse(match.Groups["year"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var year)
            && month > 0 && year is > 0 and < 9999 && day > 0 && day <= DateTime.DaysInMonth(year, month)
                ? new DateOnly(year, month, day)
                : null;
    }

    [GeneratedRegex(
        @"^\*\s*[A-Za-z]{3}\s(?<month>[A-Za-z]{3})\s(?<day>[ 0-9]?[0-9])(?<time>\s[0-9]{1,2}:[0-9]{2}:[0-9]{2}\s[A-Z0-9+-]+)?\s+(?<year>[0-9]{4})(\s.*?(>|\S(?=\s+-\s)))?((?<separator>\s+-\s*|\s+)(?<evr>[0-9][^\s]*))?\s*$",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();

    [GeneratedRegex(@"^\s*[-*+]\s+")]
    private static partial Regex BulletMark();
}
