using NuGet.Versioning;

namespace DotnetRelease.Lockfiles;

/// <summary>What differs between the worlds that packages come from: how names are written and how versions are ordered.</summary>
public sealed class Ecosystem
{
    private const int LongestName = 214;
    private readonly Func<string, string, int> _compare;
    private readonly Func<string, bool> _isName;
    private readonly Func<string, string> _normalize;

    private Ecosystem(string name, Func<string, bool> isName, Func<string, string> normalize, Func<string, string, int> compare)
    {
        (Name, _isName, _normalize, _compare) = (name, isName, normalize, compare);
        Order = Comparer<string>.Create((left, right) => compare(left, right) is var order and not 0 ? order : string.CompareOrdinal(left, right));
    }

    /// <summary>PyPI: names as PEP 503 has them, versions as PEP 440 orders them.</summary>
    public static Ecosystem Python { get; } = new("python", PythonName.IsValid, PythonName.Normalize, PythonVersion.Compare);

    /// <summary>NuGet: names without regard to case, versions of three or four numbers.</summary>
    public static Ecosystem NuGet { get; } = new("nuget", name => SafeName.IsPlain(name, "._-"), name => name.ToLowerInvariant(), CompareSemantic);

    /// <summary>npm: names with a scope or without, Semantic Versioning.</summary>
    public static Ecosystem Npm { get; } = new("npm", IsNpmName, name => name, CompareSemantic);

    /// <summary>crates.io: Semantic Versioning.</summary>
    public static Ecosystem Cargo { get; } = new("cargo", name => SafeName.IsPlain(name, "_-"), name => name, CompareSemantic);

    /// <summary>Go: a module is named by its path; Semantic Versioning behind a <c>v</c>.</summary>
    public static Ecosystem Go { get; } = new("go", IsModulePath, name => name, (left, right) => CompareSemantic(left.TrimStart('v'), right.TrimStart('v')));

    /// <summary>The world's name in lower case.</summary>
    public string Name { get; }

    /// <summary>What a name has to be, for messages.</summary>
    public string NameRule => this == Python ? "a package name of letters, digits and . _ -" : $"a package name of {Name}";

    /// <summary>Ascending; versions that mean the same by their characters, so that the order is total.</summary>
    public IComparer<string> Order { get; }

    /// <summary>Below zero when the left one is older; zero when both mean the same.</summary>
    public int Compare(string left, string right) => _compare(left, right);

    /// <summary>Whether the text can be the name of a package.</summary>
    public bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= LongestName && _isName(name);
    }

    /// <summary>The form in which two spellings of one name are equal.</summary>
    public string Normalize(string name) => _normalize(name);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>A text that is no version stands before all that are, as in Python's order.</summary>
    private static int CompareSemantic(string left, string right) => (NuGetVersion.TryParse(left, out var one), NuGetVersion.TryParse(right, out var other)) switch
    {
        (true, true) => VersionComparer.VersionRelease.Compare(one, other),
        (false, false) => string.CompareOrdinal(left, right),
        (var isVersion, _) => isVersion ? 1 : -1,
    };

    private static bool IsNpmName(string name)
    {
        var parts = name.Split('/');
        return parts is [var only]
            ? IsNpmPart(only)
            : parts is [['@', .. var scope], var rest] && IsNpmPart(scope) && IsNpmPart(rest);
    }

    private static bool IsNpmPart(string part) => part.Length > 0 && SafeName.IsPlain(part, "._-~!'()*");

    private static bool IsModulePath(string path) => !path.Split('/').Any(segment => segment is "" or "." or ".." || !SafeName.IsPlain(segment, "._-~"));
}
