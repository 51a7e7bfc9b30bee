using System.Collections.Immutable;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Planning;

/// <summary>
/// Which glibc and Python a distro has. Neither changes within a release, so a release that is out can be looked up here; the settings say it
/// for every other one, and what nobody says is not judged.
/// </summary>
internal static class DistroFacts
{
    private static readonly ImmutableDictionary<string, ((int, int) Glibc, (int, int) Python)> Released =
        new Dictionary<string, ((int, int), (int, int))>(StringComparer.Ordinal)
        {
            [".fc40"] = ((2, 39), (3, 12)),
            [".fc41"] = ((2, 40), (3, 13)),
            [".fc42"] = ((2, 41), (3, 13)),
            [".fc43"] = ((2, 42), (3, 14)),
            [".fc44"] = ((2, 43), (3, 14)),
            [".el8"] = ((2, 28), (3, 6)),
            [".el9"] = ((2, 34), (3, 9)),
            [".el10"] = ((2, 39), (3, 12)),
        }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>One machine of a target.</summary>
    public static WheelTarget Of(TargetSettings target, string arch)
    {
        var isKnown = Released.TryGetValue(DistTag.Of(target) ?? "", out var facts);
        return new WheelTarget(arch)
        {
            Libc = target.Glibc ?? (isKnown ? facts.Glibc : null),
            Python = target.Python ?? (isKnown ? facts.Python : null),
        };
    }
}
