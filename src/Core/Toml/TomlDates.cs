namespace DotnetRelease.Toml;

/// <summary>Dates and times as RFC 3339 writes them, with the blank that TOML allows in place of the T. Null for a word that is none.</summary>
internal static class TomlDates
{
    private const int DateLength = 10;

    /// <summary>Whether a word begins like a date, so that a blank behind it may belong to it.</summary>
    public static bool IsDate(ReadOnlySpan<char> word) => word.Length is DateLength && word[4] is '-' && word[7] is '-';

    /// <summary>The value that the word writes.</summary>
    public static TomlValue? Read(TomlMark mark, ReadOnlySpan<char> word)
    {
        if (word.Length < DateLength || !IsDate(word[..DateLength]))
        {
            return Time(ref word, mark) is { } time && word.IsEmpty ? new TomlTime(mark, time) : null;
        }

        if (Date(word[..DateLength]) is not { } date)
        {
            return null;
        }

        word = word[DateLength..];
        return word switch
        {
            [] => new TomlDate(mark, date),
            ['T' or 't' or ' ', .. var rest] => DateTime(mark, date, rest),
            _ => null,
        };
    }

    private static TomlDateTime? DateTime(TomlMark mark, DateOnly date, ReadOnlySpan<char> word)
    {
        if (Time(ref word, mark) is not { } time)
        {
            return null;
        }

        if (word.IsEmpty)
        {
            return new TomlDateTime(mark, date.ToDateTime(time), offset: null);
        }

        return Offset(word) is { } offset ? new TomlDateTime(mark, date.ToDateTime(time), offset) : null;
    }

    private static DateOnly? Date(ReadOnlySpan<char> word) =>
        Number(word[..4]) is >= 1 and var year
        && Number(word.Slice(5, 2)) is >= 1 and <= 12 and var month
        && Number(word.Slice(8, 2)) is >= 1 and var day
        && day <= System.DateTime.DaysInMonth(year, month)
            ? new DateOnly(year, month, day)
            : null;

    /// <summary>Takes <c>hh:mm:ss[.fraction]</c> from the front of the word; TOML 1.1 takes <c>hh:mm</c> too.</summary>
    private static TimeOnly? Time(ref ReadOnlySpan<char> word, TomlMark mark)
    {
        const int minutes = 5, seconds = 8;
        if (word.Length < minutes || word[2] is not ':'
            || Number(word[..2]) is not (>= 0 and <= 23 and var hour)
            || Number(word.Slice(3, 2)) is not (>= 0 and <= 59 and var minute))
        {
            return null;
        }

        if (word.Length is minutes || word[minutes] is not ':')
        {
            word = word[minutes..];
            return mark.Document.Edition is TomlEdition.V11 ? new TimeOnly(hour, minute) : null;
        }

        if (word.Length < seconds || Number(word.Slice(6, 2)) is not (>= 0 and <= 59 and var second))
        {
            return null;
        }

        word = word[seconds..];
        return Fraction(ref word) is { } ticks ? new TimeOnly(hour, minute, second).Add(TimeSpan.FromTicks(ticks)) : null;
    }

    private static long? Fraction(ref ReadOnlySpan<char> word)
    {
        if (word is not ['.', .. var digits])
        {
            return 0;
        }

        var length = digits.IndexOfAnyExceptInRange('0', '9');
        length = length < 0 ? digits.Length : length;
        word = digits[length..];
        var ticks = 0L;
        for (var i = 0; i < 7; i++)
        {
            ticks = (ticks * 10) + (i < length ? digits[i] - '0' : 0);
        }

        return length > 0 ? ticks : null;
    }

    private static TimeSpan? Offset(ReadOnlySpan<char> word) => word switch
    {
        ['Z' or 'z'] => TimeSpan.Zero,
        [var sign and ('+' or '-'), _, _, ':', _, _]
            when Number(word.Slice(1, 2)) is >= 0 and <= 23 and var hours && Number(word.Slice(4, 2)) is >= 0 and <= 59 and var minutes
            => new TimeSpan(hours, minutes, 0) * (sign is '-' ? -1 : 1),
        _ => null,
    };

    /// <summary>A few decimal digits; -1 when there is anything else.</summary>
    private static int Number(ReadOnlySpan<char> digits)
    {
        var number = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c))
            {
                return -1;
            }

            number = (number * 10) + (c - '0');
        }

        return number;
    }
}
