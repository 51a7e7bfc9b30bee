namespace DotnetRelease.Rpm;

/// <summary>
/// Compares two version or release texts as rpm's <c>rpmvercmp</c>: segments of digits by value and of letters by text, digits
/// before letters, <c>~</c> before the end of the text and <c>^</c> right after it.
/// </summary>
public static class RpmVersion
{
    /// <summary>Below 0: the first is older; 0: neither; above 0: the first is newer.</summary>
    public static int Compare(string one, string other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return Compare(one.AsSpan(), other.AsSpan());
    }

    private static int Compare(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        while (true)
        {
            one = SkipSeparators(one);
            other = SkipSeparators(other);
            if (Starts(one, '~') || Starts(other, '~'))
            {
                if (!Starts(one, '~') || !Starts(other, '~'))
                {
                    return Starts(one, '~') ? -1 : 1;
                }

                one = one[1..];
                other = other[1..];
                continue;
            }

            if (Starts(one, '^') || Starts(other, '^'))
            {
                if (one.IsEmpty || other.IsEmpty)
                {
                    return one.IsEmpty ? -1 : 1;
                }

                if (!Starts(one, '^') || !Starts(other, '^'))
                {
                    return Starts(one, '^') ? -1 : 1;
                }

                one = one[1..];
                other = other[1..];
                continue;
            }

            if (one.IsEmpty || other.IsEmpty)
            {
                // What still has something left is newer.
                return one.Length.CompareTo(other.Length);
            }

            var digits = char.IsAsciiDigit(one[0]);
            var left = Segment(one, digits);
            var right = Segment(other, digits);
            if (right.IsEmpty)
            {
                // Segments of different kinds: numbers are newer than letters.
                return digits ? 1 : -1;
            }

            var result = digits ? CompareNumbers(left, right) : left.SequenceCompareTo(right);
            if (result is not 0)
            {
                return Math.Sign(result);
            }

            one = one[left.Length..];
            other = other[right.Length..];
        }
    }

    private static int CompareNumbers(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        left = left.TrimStart('0');
        right = right.TrimStart('0');
        return left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);
    }

    private static ReadOnlySpan<char> SkipSeparators(ReadOnlySpan<char> text)
    {
        var start = 0;
        while (start < text.Length && !char.IsAsciiLetterOrDigit(text[start]) && text[start] is not ('~' or '^'))
        {
            start++;
        }

        return text[start..];
    }

    private static ReadOnlySpan<char> Segment(ReadOnlySpan<char> text, bool digits)
    {
        var end = 0;
        while (end < text.Length && (digits ? char.IsAsciiDigit(text[end]) : char.IsAsciiLetter(text[end])))
        {
            end++;
        }

        return text[..end];
    }

    private static bool Starts(ReadOnlySpan<char> text, char c) => !text.IsEmpty && text[0] == c;
}
