using System.Collections.Frozen;
using System.Collections.Immutable;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>
/// What users get together with packages although the distro does not have it: packages of the same project, built by another spec. They may require
/// each other, so neither can be installed alone.
/// </summary>
internal static class Companions
{
    /// <summary>Those of the candidates that the packages require, and what these require, in the order of their names.</summary>
    /// <param name="packages">What is to be installed.</param>
    /// <param name="candidates">Other packages for the same target and machine; one of each name.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: a header's lists do not fit together.</exception>
    public static ImmutableArray<RpmPackage> Of(ImmutableArray<RpmPackage> packages, ImmutableArray<RpmPackage> candidates)
    {
        var (wanted, left) = (packages, candidates);
        var found = ImmutableArray.CreateBuilder<RpmPackage>();
        while (!wanted.IsEmpty && !left.IsEmpty)
        {
            var required = wanted.SelectMany(package => package.Dependencies(RpmDependencyKind.Requires)).SelectMany(Words).ToFrozenSet(StringComparer.Ordinal);
            wanted = [.. left.Where(candidate => Provided(candidate).Any(required.Contains))];
            left = left.RemoveRange(wanted);
            found.AddRange(wanted);
        }

        return [.. found.OrderBy(package => package.Nevra.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>
    /// The names in a rich requirement are words of it: <c>(python3dist(qt) &gt;= 6 with python3dist(qt) &lt; 7)</c>. Which of the brackets behind a word are
    /// its own does not matter: nobody provides what it would be with too few or too many.
    /// </summary>
    private static IEnumerable<string> Words(RpmDependency required) => required.Name is ['(', ..]
        ? required.Name.Split(' ').Select(word => word.TrimStart('(')).SelectMany(word => Enumerable.Range(word.TrimEnd(')').Length, word.Length - word.TrimEnd(')').Length + 1).Select(length => word[..length]))
        : [required.Name];

    private static IEnumerable<string> Provided(RpmPackage package) =>
        package.Dependencies(RpmDependencyKind.Provides).Select(one => one.Name).Concat(package.Files.Select(file => file.Path));
}
