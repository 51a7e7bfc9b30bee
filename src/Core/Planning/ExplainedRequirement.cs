using System.Collections.Immutable;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Planning;

/// <summary>
/// What an RPM of the project requires of a followed package. rpm's generator takes it from the project's own constraint and not from the
/// lock: a new major version can be locked, built and published, and still not be installable together with the project.
/// </summary>
/// <param name="Dependency">The constraint as the project writes it.</param>
/// <param name="Locked">The locked versions, ascending.</param>
public sealed record ExplainedRequirement(ProjectDependency Dependency, ImmutableArray<string> Locked)
{
    /// <summary>The locked versions that the constraint allows; all of them when it is no single range.</summary>
    public ImmutableArray<string> Allowed => Dependency.Bounds is { } bounds ? [.. Locked.Where(bounds.Allows)] : Locked;

    /// <summary>
    /// The line that <c>pythondistdeps</c> of python-rpm-generators makes of it, with <c>3.Y</c> for the distro's Python; null when the
    /// constraint is no single range.
    /// </summary>
    public string? Requires
    {
        get
        {
            if (Dependency.Bounds is not { } bounds)
            {
                return null;
            }

            var name = $"python3.Ydist({Dependency.Name})";
            var lower = bounds.Lower is null ? null : $"{name} {(bounds.LowerIsIn ? ">=" : ">")} {Short(bounds.Lower)}";

            // The tildes keep pre-releases of the bound itself out.
            var upper = bounds.Upper is null ? null : $"{name} {(bounds.UpperIsIn ? "<=" : "<")} {Short(bounds.Upper)}{(bounds.UpperIsIn ? "" : "~~")}";
            return (lower, upper) switch
            {
                (null, null) => name,
                ({ } one, null) => one,
                (null, { } one) => one,
                _ when bounds.Lower == bounds.Upper => $"{name} = {Short(bounds.Lower!)}",
                _ => $"({upper} with {lower})",
            };
        }
    }

    /// <summary>The whole of it in one sentence.</summary>
    public string Sentence
    {
        get
        {
            var bound = Dependency.Bounds switch
            {
                null => "no single range",
                { Upper: null } => "no upper bound: any later version satisfies it",
                { Upper: var upper, UpperIsIn: var isIn } => $"ends {(isIn ? "with" : "before")} {upper}",
            };
            var refused = Locked.Except(Allowed, StringComparer.Ordinal).ToList();
            return bound + (Locked, refused) switch
            {
                ([], _) => "; it is not locked",
                (_, []) => $"; the locked {string.Join(" and ", Locked)} {(Locked.Length is 1 ? "is" : "are")} allowed",
                _ => $"; the locked {string.Join(" and ", refused)} {(refused.Count is 1 ? "is" : "are")} NOT allowed",
            };
        }
    }

    /// <summary>The generator writes no zeros at the end.</summary>
    private static string Short(string version)
    {
        while (version.EndsWith(".0", StringComparison.Ordinal))
        {
            version = version[..^".0".Length];
        }

        return version;
    }
}
