using System.Globalization;

namespace DotnetRelease.Toml;

/// <summary>Integers and floats, from a word that begins like a number. Each reader returns null for a word that is not its own.</summary>
internal static class TomlNumbers
{
    /// <summary>An integer in base 10, 16, 8 or 2; null when the word is none or does not fit into 64 bits.</summary>
    public static long? Integer(ReadOnlySpan<char> word)
    {
        var radix = word is ['0', 'x' or 'o' or 'b', ..] ? word[1] switch { 'x' => 16, 'o' => 8, _ => 2 } : 10;
        if (radix is not 10)
        {
            return Digits(word[2..], radix) is <= long.MaxValue and var positive ? (long)positive : null;
        }

        var negative = word is ['-', ..];
        var digits = word is ['-' or '+', ..] ? word[1..] : word;
        var magnitude = HasLeadingZero(digits) ? null : Digits(digits, radix);
        const ulong positiveLimit = long.MaxValue;
        if (magnitude is not { } value || value > positiveLimit + (negative ? 1u : 0u))
        {
            return null;
        }

        // The smallest integer has no positive counterpart; its bits are right without one.
        return unchecked(negative ? -(long)value : (long)value);
    }

    /// <summary>A float; null when the word is none.</summary>
    public static double? Float(ReadOnlySpan<char> word)
    {
        var unsigned = word is ['-' or '+', ..] ? word[1..] : word;
        switch (unsigned)
        {
            case "inf":
                return word[0] is '-' ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan":
                return double.NaN;
        }

        return IsFloat(unsigned) && double.TryParse(Plain(word), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    /// <summary><c>int [ "." digits ] [ "e" [sign] digits ]</c> with at least one of the two.</summary>
    private static bool IsFloat(ReadOnlySpan<char> word)
    {
        var e = word.IndexOfAny('e', 'E');
        if (e >= 0)
        {
            var exponent = word[(e + 1)..];
            if (!AreDigits(exponent is ['-' or '+', ..] ? exponent[1..] : exponent))
            {
                return false;
            }

            word = word[..e];
        }

        var dot = word.IndexOf('.');
        var whole = dot < 0 ? word : word[..dot];
        return AreDigits(whole) && !HasLeadingZero(whole) && (dot < 0 ? e >= 0 : AreDigits(word[(dot + 1)..]));
    }

    private static bool HasLeadingZero(ReadOnlySpan<char> digits) => digits is ['0', _, ..];

    /// <summary>Decimal digits with single underscores between them.</summary>
    private static bool AreDigits(ReadOnlySpan<char> word)
    {
        var afterDigit = false;
        foreach (var c in word)
        {
            if (!char.IsAsciiDigit(c) && (c is not '_' || !afterDigit))
            {
                return false;
            }

            afterDigit = c is not '_';
        }

        return afterDigit;
    }

    private static ulong? Digits(ReadOnlySpan<char> word, int radix)
    {
        var value = 0UL;
        var afterDigit = false;
        foreach (var c in word)
        {
            if (c is '_' && afterDigit)
            {
                afterDigit = false;
                continue;
            }

            var digit = char.IsAsciiHexDigit(c) ? (char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10) : radix;
            if (digit >= radix || value > (ulong.MaxValue - (ulong)digit) / (ulong)radix)
            {
                return null;
            }

            value = (value * (ulong)radix) + (ulong)digit;
            afterDigit = true;
        }

        return afterDigit ? value : null;
    }

    private static string Plain(ReadOnlySpan<char> word) => word.ToString().Replace("_", "", StringComparison.Ordinal);
}
