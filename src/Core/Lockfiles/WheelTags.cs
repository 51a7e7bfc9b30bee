using System.Globalization;

namespace DotnetRelease.Lockfiles;

/// <summary>How well one tag triple of a wheel fits a machine. Smaller is better; the order is that of pip: Python first, then platform.</summary>
/// <param name="Order">Kind of Python tag, distance of the Python, kind of platform tag, age of the C library.</param>
/// <param name="OnePython">Runs under one Python version only.</param>
internal sealed record WheelRank((int Kind, int Python, int Platform, int Libc) Order, bool OnePython);

internal static class WheelTags
{
    /// <summary>The best rank of all triples that the compressed name stands for, or null when none runs there.</summary>
    public static WheelRank? Rank(WheelName wheel, WheelTarget target)
    {
        WheelRank? best = null;
        foreach (var python in wheel.Pythons)
        {
            foreach (var abi in wheel.Abis)
            {
                foreach (var tag in wheel.Platforms)
                {
                    if (PythonRank(python, abi, target) is { } p && PlatformRank(tag, target) is { } q)
                    {
                        var rank = new WheelRank((p.Kind, p.Distance, q.Platform, q.Libc), p.OnePython);
                        best = best is { } old && old.Order.CompareTo(rank.Order) <= 0 ? old : rank;
                    }
                }
            }
        }

        return best;
    }

    /// <summary>The version in <c>cp312</c> or <c>py3</c> (minor -1); null for another implementation.</summary>
    public static (int Major, int Minor)? Python(string tag, string implementation)
    {
        if (!tag.StartsWith(implementation, StringComparison.Ordinal) || tag.Length == implementation.Length)
        {
            return null;
        }

        var digits = tag[implementation.Length..];
        return digits.All(char.IsAsciiDigit) && digits.Length <= 4
            ? (digits[0] - '0', digits.Length is 1 ? -1 : int.Parse(digits.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture))
            : null;
    }

    private static (int Kind, int Distance, bool OnePython)? PythonRank(string python, string abi, WheelTarget target)
    {
        if (Python(python, "py") is { } generic)
        {
            var fits = abi is "none" && generic.Major == (target.Python?.Major ?? 3)
                && (target.Python is not { } p || generic.Minor <= p.Minor);
            return fits ? (3, -generic.Minor, false) : null;
        }

        if (Python(python, "cp") is not { } cpython || cpython.Major < 3)
        {
            return null;
        }

        if (abi is "abi3")
        {
            // Of several the nearest below a known Python, else the one that runs under most.
            return target.Python is { } p
                ? cpython.Major == p.Major && cpython.Minor <= p.Minor ? (1, p.Minor - cpython.Minor, false) : null
                : (1, cpython.Minor, false);
        }

        // "cp312-cp312" and "cp312-none" run under exactly that Python; "cp313t" is the build without the global lock, which no distro's python3 is.
        var exact = abi is "none" || string.Equals(abi, python, StringComparison.Ordinal) || string.Equals(abi, python + "m", StringComparison.Ordinal);
        return exact && (target.Python is null || target.Python == cpython) ? (abi is "none" ? 2 : 0, 0, true) : null;
    }

    private static (int Platform, int Libc)? PlatformRank(string tag, WheelTarget target)
    {
        if (WheelPlatform.TryParse(tag) is not { } platform || !platform.Fits(target.Arch))
        {
            return null;
        }

        var musl = platform.Kind is WheelPlatformKind.Musl;
        return platform.Kind switch
        {
            WheelPlatformKind.Any => (2, 0),
            WheelPlatformKind.Linux => (1, 0),
            _ when musl != target.Musl => null,
            _ when target.Libc is { } has => platform.Libc.CompareTo(has) <= 0 ? (0, -Height(platform.Libc)) : null,
            _ => (0, Height(platform.Libc)),
        };
    }

    private static int Height((int Major, int Minor) libc) => (libc.Major * 1000) + libc.Minor;
}
