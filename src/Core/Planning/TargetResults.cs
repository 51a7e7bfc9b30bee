using System.Collections.Immutable;

namespace DotnetRelease.Planning;

/// <summary>
/// What a build gives, and what of it is kept. A target has one folder and its machines give packages of the same name with other bytes: a source
/// package holds the machine that it was made on. So these are taken from one build, as Fedora's build system does it.
/// </summary>
/// <param name="Kept">What belongs into the target's folder.</param>
/// <param name="Aside">What the first machine of the target gives as well.</param>
internal sealed record TargetResults(ImmutableArray<string> Kept, ImmutableArray<string> Aside)
{
    /// <summary>Divides what a spec gives on one machine of a target.</summary>
    public static TargetResults Of(TargetInputs target, ImmutableArray<string> nevras) => target.Arch == target.Settings.Archs[0]
        ? new(nevras, [])
        : new([.. nevras.Where(nevra => !IsCommon(nevra))], [.. nevras.Where(IsCommon)]);

    private static bool IsCommon(string nevra) => nevra.EndsWith(".src", StringComparison.Ordinal) || nevra.EndsWith(".noarch", StringComparison.Ordinal);
}
