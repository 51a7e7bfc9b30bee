using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>What an RPM consists of and what it was made from, in SPDX's words.</summary>
/// <param name="materials">What went in.</param>
/// <param name="rpm">The package that it is about, read from the file.</param>
/// <param name="header">Digest of the package's main header.</param>
internal sealed partial class SpdxContent(BuildMaterials materials, RpmPackage rpm, Digest header)
{
    private const string Rpm = "Package";
    private const string Spec = "Spec";
    private const string Image = "Image";
    private const string Root = "BuildRoot";

    /// <summary>The package first, then what it was made from.</summary>
    public ImmutableArray<SpdxPackage> Packages => [OfRpm(), OfSpec(), .. materials.Job.Rpm.Sources.Select(OfSource), OfImage(), OfRoot()];

    /// <summary>Between two ids, with SPDX's verb.</summary>
    public IEnumerable<(string From, string Verb, string To)> Relationships
    {
        get
        {
            yield return ("DOCUMENT", "DESCRIBES", Rpm);
            yield return (Rpm, "GENERATED_FROM", Spec);
            foreach (var (index, source) in materials.Job.Rpm.Sources.Index())
            {
                yield return (Rpm, "GENERATED_FROM", SourceId(index));
                if (Holds(source))
                {
                    yield return (Rpm, "CONTAINS", SourceId(index));
                }
            }

            yield return (Image, "BUILD_DEPENDENCY_OF", Rpm);
            yield return (Root, "BUILD_DEPENDENCY_OF", Rpm);
            yield return (Root, "GENERATED_FROM", Image);
        }
    }

    private static string SourceId(int index) => $"Source-{index}";

    private SpdxPackage OfRpm()
    {
        var nevra = rpm.Nevra;
        return new(Rpm, nevra.Name)
        {
            Version = nevra.Epoch is 0 ? $"{nevra.Version}-{nevra.Release}" : $"{nevra.Epoch}:{nevra.Version}-{nevra.Release}",
            File = nevra.FileName,
            Url = PackageUrl.Of(nevra),
            Header = header,
            License = IsExpression(rpm.License) ? rpm.License : null,
            Supplier = rpm.Vendor,
            Summary = rpm.Summary,
            HomePage = Uri.TryCreate(rpm.Url, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" ? rpm.Url : null,
            Purpose = rpm.IsSource ? "SOURCE" : "INSTALL",
            Comment = IsExpression(rpm.License) || rpm.License.Length is 0
                ? $"{Provenance.HeaderAlgorithm} is the SHA-256 of the package's main header, which a signature does not change."
                : $"{Provenance.HeaderAlgorithm} is the SHA-256 of the package's main header, which a signature does not change. The package calls its licence '{rpm.License}'.",
        };
    }

    private SpdxPackage OfSpec() => new(Spec, Path.GetFileName(materials.Job.Rpm.Spec)) { File = Path.GetFileName(materials.Job.Rpm.Spec), Digest = materials.Spec, Purpose = "SOURCE" };

    private SpdxPackage OfSource(PlannedSource source, int index) => new(SourceId(index), source.Lock?.Package ?? source.File)
    {
        Version = source.Lock?.Version,
        File = source.File,
        Digest = source.Digest,
        Location = Uri.IsWellFormedUriString(source.Url, UriKind.Absolute) ? source.Url : null,
        Url = source.Lock?.Url,
        License = materials.Licenses.GetValueOrDefault(source.File) is { } license && IsExpression(license) ? license : null,
        Purpose = source.Lock is null ? "SOURCE" : "LIBRARY",
        Origin = source.Sdist is { } sdist ? $"Made of the tree of that tag by {sdist}." : null,
    };

    private SpdxPackage OfImage() => new(Image, materials.Job.Target.Image) { Version = materials.Job.Image.Digest.ToString(), Purpose = "CONTAINER" };

    private SpdxPackage OfRoot() => new(Root, $"build root of {materials.Job.Target.Name}")
    {
        Version = materials.Root.Digest.ToString(),

        // An operating system has a hyphen in the text of 2.3 and in the schema of 2.3.1, and an underscore in the schema of 2.3: no word for it is right for all.
        Purpose = "OTHER",
        Comment = $"Its {materials.Root.All.Length} packages are listed in {Provenance.FileNameFor(rpm.Nevra)}.",
    };

    /// <summary>Source packages hold their sources; others what was installed from a wheel, which its folder of metadata gives away.</summary>
    private bool Holds(PlannedSource source) => rpm.IsSource || (source.Lock is { } entry && _installed.Value.Contains((Normal(entry.Package), entry.Version)));

    private readonly Lazy<HashSet<(string Name, string Version)>> _installed = new(() => [.. rpm.Files.SelectMany(file => Installed(file.Path))]);

    private static IEnumerable<(string Name, string Version)> Installed(string path) =>
        from segment in path.Split('/')
        where segment.EndsWith(".dist-info", StringComparison.Ordinal)
        let parts = segment[..^".dist-info".Length].Split('-')
        where parts.Length is 2
        select (Normal(parts[0]), parts[1]);

    private static string Normal(string name)
    {
        var normal = new StringBuilder();
        foreach (var c in name)
        {
            _ = c is '-' or '_' or '.' ? normal.Length > 0 && normal[^1] is '-' ? normal : normal.Append('-') : normal.Append(char.ToLowerInvariant(c));
        }

        return normal.ToString();
    }

    private static bool IsExpression(string text) => text.Length < 500 && Expression().IsMatch(text) && text.Count(c => c is '(') == text.Count(c => c is ')');

    // The grammar of SPDX's annex D without its list of names: who wrote the package has to know those.
    [GeneratedRegex(@"^\(*[A-Za-z0-9.-]+\+?\)*(?: (?:AND|OR|WITH) \(*[A-Za-z0-9.-]+\+?\)*)*$", RegexOptions.CultureInvariant)]
    private static partial Regex Expression();
}
