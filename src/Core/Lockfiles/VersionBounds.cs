using System.Globalization;
using System.Text.RegularExpressions;

namespace DotnetRelease.Lockfiles;

/// <summary>
/// What a constraint on a Python package allows, as one range: the notations of PEP 440 (<c>&gt;=1.2,&lt;2</c>, <c>~=1.4</c>, <c>==1.*</c>)
/// and poetry's (<c>^1.2</c>, <c>~1.2</c>, a bare version).
/// </summary>
/// <param name="Lower">The lowest version, or null when any old one will do.</param>
/// <param name="Upper">The version where it ends, or null when any later one will do.</param>
public sealed partial record VersionBounds(string? Lower, string? Upper)
{
    private const int LengthLimit = 1000;

    /// <summary>The lower bound itself belongs to the range.</summary>
    public bool LowerIsIn { get; init; } = true;

    /// <summary>The upper bound itself belongs to the range.</summary>
    public bool UpperIsIn { get; init; }

    /// <summary>Reads a constraint; null when it is no single range (<c>||</c>) or not in these notations.</summary>
    public static VersionBounds? TryParse(string constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        var text = constraint.Trim().TrimStart('(').TrimEnd(')');
        if (text.Length > LengthLimit || text.Contains('|', StringComparison.Ordinal))
        {
            return null;
        }

        var bounds = new VersionBounds(null, null);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Clause().Match(part) is not { Success: true } clause || Of(clause.Groups["how"].Value, clause.Groups["version"].Value) is not { } one)
            {
                return null;
            }

            bounds = bounds.And(one);
        }

        return bounds;
    }

    /// <summary>Whether a version lies in the range.</summary>
    public bool Allows(string version) =>
        (Lower is null || PythonVersion.Compare(version, Lower) is var low && (low > 0 || (low is 0 && LowerIsIn)))
        && (Upper is null || PythonVersion.Compare(version, Upper) is var high && (high < 0 || (high is 0 && UpperIsIn)));

    private static VersionBounds? Of(string how, string version)
    {
        if (version is "*")
        {
            return new(null, null);
        }

        if (version.EndsWith(".*", StringComparison.Ordinal))
        {
            var series = version[..^2];
            return how is "" or "==" && Numbers(series) is { } parts ? new(series, Next(parts, parts.Length - 1)) : how is "!=" ? new(null, null) : null;
        }

        return how switch
        {
            "" or "==" or "===" => new(version, version) { UpperIsIn = true },
            ">=" => new(version, null),
            ">" => new(version, null) { LowerIsIn = false },
            "<" => new(null, version),
            "<=" => new(null, version) { UpperIsIn = true },
            "!=" => new(null, null),
            _ => Numbers(version) is { } parts && Raised(how, parts) is { } raised ? new(version, Next(parts, raised)) : null,
        };
    }

    /// <summary>Which part of the version the next one that is not allowed raises; null where the notation forbids such a version.</summary>
    private static int? Raised(string how, int[] parts) => how switch
    {
        "^" => Array.FindIndex(parts, part => part is not 0) is var first and >= 0 ? first : parts.Length - 1,
        "~" => parts.Length is 1 ? 0 : 1,
        "~=" => parts.Length is 1 ? null : parts.Length - 2,
        _ => null,
    };

    private static string Next(int[] parts, int raised) =>
        string.Join('.', parts.Take(raised).Append(parts[raised] + 1).Select(part => part.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The release part as numbers: a pre-release does not move the upper bound.</summary>
    private static int[]? Numbers(string version)
    {
        var release = Release().Match(version).Value.Split('.');
        return release.All(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? [.. release.Select(part => int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture))]
            : null;
    }

    private VersionBounds And(VersionBounds other)
    {
        var (lower, upper) = (this, this);
        if (other.Lower is not null && (Lower is null || PythonVersion.Compare(other.Lower, Lower) is var low && (low > 0 || (low is 0 && !other.LowerIsIn))))
        {
            lower = other;
        }

        if (other.Upper is not null && (Upper is null || PythonVersion.Compare(other.Upper, Upper) is var high && (high < 0 || (high is 0 && !other.UpperIsIn))))
        {
            upper = other;
        }

        return new(lower.Lower, upper.Upper) { LowerIsIn = lower.LowerIsIn, UpperIsIn = upper.UpperIsIn };
    }

    [GeneratedRegex(@"^(?<how>\^|~=|~|===|==|!=|>=|<=|>|<|)\s*(?<version>\*|[0-9A-Za-z][0-9A-Za-z.!+_-]*(\.\*)?)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Clause();

    [GeneratedRegex(@"^[0-9]+(\.[0-9]+)*", RegexOptions.ExplicitCapture)]
    private static partial Regex Release();
}
