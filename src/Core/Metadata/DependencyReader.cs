using System.Collections.Immutable;
using DotnetRelease.Rpm;

namespace DotnetRelease.Metadata;

/// <summary>
/// The dependencies of a package with createrepo_c's omissions: <c>rpmlib(…)</c>, what the package itself has or provides,
/// repetitions, and every <c>libc.so.6</c> symbol version but the highest.
/// </summary>
internal sealed class DependencyReader
{
    private const uint BeforeScripts = RpmDependency.PreRequire | RpmDependency.ScriptPre | RpmDependency.ScriptPost;

    // Weak dependencies before rpm had tags for them: a flag on Requires, and SUSE's "strong" suggestions.
    private const uint MissingOk = 1 << 19;
    private const uint Strong = 1 << 27;

    private readonly RpmPackage _package;
    private readonly XmlSafe _safe;
    private readonly List<PackageDependency> _missingOk = [];

    private DependencyReader(RpmPackage package, XmlSafe safe) => (_package, _safe) = (package, safe);

    internal static PackageRelations Read(RpmPackage package, XmlSafe safe)
    {
        var reader = new DependencyReader(package, safe);
        var provides = safe.Dependencies(package, RpmDependencyKind.Provides);
        var requires = reader.Requires([.. provides.Select(item => (item.Name, item.Comparison, item.Version))]);
        var (oldSuggests, oldEnhances) = (reader.Legacy(1156), reader.Legacy(1159));
        return new PackageRelations
        {
            Provides = Plain(provides),
            Requires = requires,
            Conflicts = reader.Plain(RpmDependencyKind.Conflicts),
            Obsoletes = reader.Plain(RpmDependencyKind.Obsoletes),
            Suggests = [.. reader.Plain(RpmDependencyKind.Suggests), .. Plain(oldSuggests.Where(IsWeak))],
            Enhances = [.. reader.Plain(RpmDependencyKind.Enhances), .. Plain(oldEnhances.Where(IsWeak))],
            Recommends = [.. reader._missingOk, .. reader.Plain(RpmDependencyKind.Recommends), .. Plain(oldSuggests.Where(IsStrong))],
            Supplements = [.. reader.Plain(RpmDependencyKind.Supplements), .. Plain(oldEnhances.Where(IsStrong))],
        };
    }

    private ImmutableArray<PackageDependency> Requires(HashSet<(string Name, string? Comparison, string Version)> provided)
    {
        var files = _package.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var requires = ImmutableArray.CreateBuilder<PackageDependency>();
        var last = new Dictionary<string, (string? Comparison, string Version, bool Before)>(StringComparer.Ordinal);
        PackageDependency? libc = null;
        foreach (var item in _safe.Dependencies(_package, RpmDependencyKind.Requires))
        {
            var key = (item.Comparison, item.Version, Before: (item.Flags & BeforeScripts) is not 0);
            var own = item.Name.StartsWith("rpmlib(", StringComparison.Ordinal)
                || (item.Name.StartsWith('/') && PackageXml.IsPrimary(item.Name) && files.Contains(item.Name))
                || provided.Contains((item.Name, item.Comparison, item.Version));
            var repeated = last.TryGetValue(item.Name, out var before) && before == key;
            if (own || repeated || Convert(item, key.Before) is not { } dependency)
            {
                continue;
            }

            if ((item.Flags & MissingOk) is not 0)
            {
                _missingOk.Add(dependency with { BeforeScripts = false });
            }
            else if (item.Name.StartsWith("libc.so.6", StringComparison.Ordinal))
            {
                libc = libc is null || SymbolVersion.IsHigher(item.Name, libc.Name) ? dependency : libc;
            }
            else
            {
                requires.Add(dependency);
                last[item.Name] = key;
            }
        }

        if (libc is not null)
        {
            requires.Add(libc);
        }

        return requires.DrainToImmutable();
    }

    private ImmutableArray<PackageDependency> Plain(RpmDependencyKind kind) => Plain(_safe.Dependencies(_package, kind));

    private static ImmutableArray<PackageDependency> Plain(IEnumerable<RpmDependency> items) =>
        [.. items.Select(item => Convert(item, beforeScripts: false)).OfType<PackageDependency>()];

    /// <summary>Names, versions and flags under three tags in a row.</summary>
    private IEnumerable<RpmDependency> Legacy(int nameTag)
    {
        var header = _package.Header;
        var (names, versions, flags) = (header.Texts(nameTag), header.Texts(nameTag + 1), header.Numbers(nameTag + 2));
        return Enumerable.Range(0, Math.Min(names.Length, Math.Min(versions.Length, flags.Length)))
            .Select(at => new RpmDependency(_safe.Text(names[at], "suggestions"), (uint)flags[at], _safe.Text(versions[at], "suggestions")));
    }

    private static bool IsStrong(RpmDependency item) => (item.Flags & Strong) is not 0;

    private static bool IsWeak(RpmDependency item) => !IsStrong(item);

    /// <summary>Null for what cannot stand in metadata: a nameless one, or one with an epoch that is no number.</summary>
    private static PackageDependency? Convert(RpmDependency item, bool beforeScripts)
    {
        if (item.Name.Length is 0 || Split(item.Version) is not { } version)
        {
            return null;
        }

        return new PackageDependency(item.Name, item.Comparison, version, beforeScripts);
    }

    private static DependencyVersion? Split(string version)
    {
        if (version.Length is 0)
        {
            return new DependencyVersion("", "", "");
        }

        var colon = version.IndexOf(':', StringComparison.Ordinal);
        var (epoch, rest) = (colon > 0 ? version[..colon] : "0", version[(colon + 1)..]);
        if (!epoch.All(char.IsAsciiDigit))
        {
            return null;
        }

        // The first dash, although a version cannot have one: what createrepo_c takes.
        var dash = rest.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? new DependencyVersion(epoch, rest, "") : new DependencyVersion(epoch, rest[..dash], rest[(dash + 1)..]);
    }
}
