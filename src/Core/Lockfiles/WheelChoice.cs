using System.Collections.Immutable;
using System.Globalization;

namespace DotnetRelease.Lockfiles;

/// <summary>Chooses the wheel of a locked package for a machine by its tags. File names are never made from a template.</summary>
public static class WheelChoice
{
    /// <summary>The best wheel of the locked version for the machine.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WheelNotFound"/>, with what there is.</exception>
    public static LockedFile Choose(LockedPackage package, WheelTarget target)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(target);
        var ranked = Rank(package, target);
        var anyPython = ranked.Where(wheel => !wheel.Rank.OnePython).ToList();

        // Without a known Python, wheels of single Pythons are only a choice when there is nothing to choose.
        var choice = target.Python is null ? anyPython.Count > 0 ? anyPython : ranked : ranked;
        if (choice.Count is 0)
        {
            throw NotFound(package, target);
        }

        var pythons = choice.Select(wheel => string.Join('.', wheel.Name.Pythons)).Distinct(StringComparer.Ordinal).ToList();
        return target.Python is null && anyPython.Count is 0 && pythons.Count > 1
            ? throw TooMany(package, target, pythons)
            : choice[0].File;
    }

    /// <summary>The same, or null where nothing fits or nothing decides.</summary>
    public static LockedFile? TryChoose(LockedPackage package, WheelTarget target)
    {
        try
        {
            return Choose(package, target);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.WheelNotFound)
        {
            return null;
        }
    }

    private static List<(LockedFile File, WheelName Name, WheelRank Rank)> Rank(LockedPackage package, WheelTarget target)
    {
        List<(LockedFile File, WheelName Name, WheelRank Rank)> fitting = [];
        foreach (var file in package.Files)
        {
            if (WheelName.TryParse(file.Name, out var name) && WheelTags.Rank(name, target) is { } rank)
            {
                fitting.Add((file, name, rank));
            }
        }

        // The name comes last, so that the order of the lock decides nothing.
        return
        [
            .. fitting
                .OrderBy(wheel => wheel.Rank.Order)
                .ThenByDescending(wheel => BuildOrder(wheel.Name.BuildTag).Number)
                .ThenByDescending(wheel => BuildOrder(wheel.Name.BuildTag).Suffix, StringComparer.Ordinal)
                .ThenBy(wheel => wheel.File.Name, StringComparer.Ordinal),
        ];
    }

    // PEP 427: the build number is a tie-breaker, compared as (number, rest); none sorts lowest.
    private static (long Number, string Suffix) BuildOrder(string? tag)
    {
        if (tag is null)
        {
            return (-1, "");
        }

        var digits = tag.TakeWhile(char.IsAsciiDigit).Count();
        return (long.TryParse(tag.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue, tag[digits..]);
    }

    private static ReleaseException NotFound(LockedPackage package, WheelTarget target)
    {
        var wheels = package.Files.Where(file => WheelName.TryParse(file.Name, out _)).Select(file => file.Name).Order(StringComparer.Ordinal).ToImmutableArray();
        var there = wheels switch
        {
            [] when package.Files is [] => "The lock names no file of it at all",
            [] => "It has no wheel, only " + string.Join(", ", package.Files.Select(file => file.Name)),
            _ => "There are: " + string.Join(", ", wheels),
        };
        return new ReleaseException(
            Fault.WheelNotFound, $"{package.Name} {package.Version} has no wheel for {Describe(target)}. {there}.", package.Position)
        {
            Remedy = "Lock a version that has one, or leave this machine out of the target's 'arch'.",
        };
    }

    private static ReleaseException TooMany(LockedPackage package, WheelTarget target, List<string> pythons) =>
        new(Fault.WheelNotFound,
            $"{package.Name} {package.Version} has one wheel per Python ({string.Join(", ", pythons)}) for {Describe(target)}, and nothing says which Python.",
            package.Position)
        {
            Remedy = "Name the right wheel once in the spec's Source line; later updates keep its Python.",
        };

    private static string Describe(WheelTarget target) =>
        (target.Musl ? "musl Linux " : "Linux ") + target.Arch
        + (target.Python is { } python ? $" with Python {python.Major}.{python.Minor}" : "")
        + (target.Libc is { } libc ? $" with {(target.Musl ? "musl" : "glibc")} {libc.Major}.{libc.Minor}" : "");
}
