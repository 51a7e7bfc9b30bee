using System.Collections.Immutable;

namespace DotnetRelease.Lockfiles;

/// <summary>
/// A version in parts. Numbers are kept as digits without leading zeros, because PEP 440 limits their length nowhere; zero is the
/// empty text.
/// </summary>
internal sealed class PythonVersionParts
{
    /// <summary>Ranks of what stands behind the release: a development release of nothing else, alpha, beta, candidate, the release.</summary>
    private const int DevelopmentOnly = -1, FinalRelease = 3;

    private static readonly (string Word, int Rank)[] PreReleases =
    [
        ("alpha", 0), ("a", 0), ("beta", 1), ("b", 1), ("preview", 2), ("pre", 2), ("rc", 2), ("c", 2),
    ];

    private static readonly string[] PostReleases = ["post", "rev", "r"];

    private string _epoch = "";
    private ImmutableArray<string> _release = [];
    private int _stage = FinalRelease;
    private string _pre = "";
    private string? _post;
    private string? _development;
    private ImmutableArray<string>? _local;

    private PythonVersionParts()
    {
    }

    /// <summary>The parts, or null for a text that is no version.</summary>
    public static PythonVersionParts? TryParse(string text)
    {
        var parts = new PythonVersionParts();
        var rest = text.AsSpan().Trim();
        var plus = rest.IndexOf('+');
        if (plus >= 0 && (parts._local = Local(rest[(plus + 1)..])) is null)
        {
            return null;
        }

        rest = plus < 0 ? rest : rest[..plus];
        rest = rest is ['v' or 'V', ..] ? rest[1..] : rest;
        if (!parts.ReadRelease(ref rest))
        {
            return null;
        }

        parts.ReadStages(ref rest);
        return rest.IsEmpty ? parts : null;
    }

    /// <summary>Below zero when the left one is older.</summary>
    public static int Compare(PythonVersionParts left, PythonVersionParts right)
    {
        var order = Number(left._epoch, right._epoch);
        order = order is not 0 ? order : Release(left._release, right._release);
        order = order is not 0 ? order : left._stage.CompareTo(right._stage);
        order = order is not 0 ? order : Number(left._pre, right._pre);
        order = order is not 0 ? order : Optional(left._post, right._post, missing: -1);
        order = order is not 0 ? order : Optional(left._development, right._development, missing: 1);
        return order is not 0 ? order : Local(left._local, right._local);
    }

    private bool ReadRelease(ref ReadOnlySpan<char> rest)
    {
        var first = Digits(ref rest);
        if (first is not null && rest is ['!', ..])
        {
            _epoch = first;
            rest = rest[1..];
            first = Digits(ref rest);
        }

        if (first is null)
        {
            return false;
        }

        var release = ImmutableArray.CreateBuilder<string>();
        release.Add(first);
        while (rest is ['.', >= '0' and <= '9', ..])
        {
            rest = rest[1..];
            release.Add(Digits(ref rest)!);
        }

        // 1.0 and 1.0.0 mean the same.
        while (release.Count > 0 && release[^1].Length is 0)
        {
            release.RemoveAt(release.Count - 1);
        }

        _release = release.ToImmutable();
        return true;
    }

    private void ReadStages(ref ReadOnlySpan<char> rest)
    {
        var isPre = false;
        foreach (var (word, rank) in PreReleases)
        {
            if (Stage(ref rest, word) is { } number)
            {
                (isPre, _stage, _pre) = (true, rank, number);
                break;
            }
        }

        if (rest is ['-', >= '0' and <= '9', ..])
        {
            rest = rest[1..];
            _post = Digits(ref rest);
        }

        for (var i = 0; i < PostReleases.Length && _post is null; i++)
        {
            _post = Stage(ref rest, PostReleases[i]);
        }

        _development = Stage(ref rest, "dev");
        if (!isPre && _post is null && _development is not null)
        {
            _stage = DevelopmentOnly;
        }
    }

    /// <summary>Takes <c>[sep] word [[sep] number]</c> from the front and returns the number; null when it is not there.</summary>
    private static string? Stage(ref ReadOnlySpan<char> rest, string word)
    {
        var start = rest is ['-' or '_' or '.', ..] ? rest[1..] : rest;
        if (!start.StartsWith(word, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        start = start[word.Length..];
        rest = start is ['-' or '_' or '.', >= '0' and <= '9', ..] ? start[1..] : start;
        return Digits(ref rest) ?? "";
    }

    /// <summary>Takes digits from the front; null when there are none.</summary>
    private static string? Digits(ref ReadOnlySpan<char> rest)
    {
        var length = rest.IndexOfAnyExceptInRange('0', '9');
        length = length < 0 ? rest.Length : length;
        var digits = rest[..length];
        rest = rest[length..];
        return length > 0 ? digits.TrimStart('0').ToString() : null;
    }

    /// <summary>Letters and digits between single separators.</summary>
    private static ImmutableArray<string>? Local(ReadOnlySpan<char> text)
    {
        var parts = ImmutableArray.CreateBuilder<string>();
        while (true)
        {
            var length = text.IndexOfAny('.', '-', '_');
            var part = length < 0 ? text : text[..length];
            foreach (var c in part)
            {
                if (!char.IsAsciiLetterOrDigit(c))
                {
                    return null;
                }
            }

            if (part.IsEmpty)
            {
                return null;
            }

            parts.Add(part.ToString().ToLowerInvariant());
            if (length < 0)
            {
                return parts.ToImmutable();
            }

            text = text[(length + 1)..];
        }
    }

    private static int Number(string left, string right) =>
        left.Length != right.Length ? left.Length.CompareTo(right.Length) : string.CompareOrdinal(left, right);

    private static int Optional(string? left, string? right, int missing) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => missing,
        (_, null) => -missing,
        _ => Number(left, right),
    };

    private static int Release(ImmutableArray<string> left, ImmutableArray<string> right)
    {
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            if (Number(left[i], right[i]) is var order and not 0)
            {
                return order;
            }
        }

        return left.Length.CompareTo(right.Length);
    }

    /// <summary>No local part is older than any; numbers are newer than words; more parts are newer than fewer.</summary>
    private static int Local(ImmutableArray<string>? left, ImmutableArray<string>? right)
    {
        if (left is not { } mine || right is not { } others)
        {
            return (left is null ? 0 : 1) - (right is null ? 0 : 1);
        }

        for (var i = 0; i < Math.Min(mine.Length, others.Length); i++)
        {
            var order = (IsNumber(mine[i]), IsNumber(others[i])) switch
            {
                (true, true) => Number(mine[i].TrimStart('0'), others[i].TrimStart('0')),
                (true, false) => 1,
                (false, true) => -1,
                _ => string.CompareOrdinal(mine[i], others[i]),
            };
            if (order is not 0)
            {
                return order;
            }
        }

        return mine.Length.CompareTo(others.Length);
    }

    private static bool IsNumber(string part) => !part.AsSpan().ContainsAnyExceptInRange('0', '9');
}
