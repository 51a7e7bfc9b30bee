using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Planning;
using DotnetRelease.Specs;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs;

/// <summary>
/// Compares versions as they are in the work tree, before anybody tags: what <c>tag verify</c> compares afterwards in the tagged commit. A spec
/// that has the lock's version has to have its files, its digests, and a changelog entry for it as well.
/// </summary>
/// <param name="workspace">The project.</param>
public sealed class SpecCheckRun(Workspace workspace)
{
    /// <summary>Reads what every file says. Nothing is written.</summary>
    /// <param name="names">Packages; none: the project and all of its RPMs.</param>
    /// <param name="tag">A tag that is there or is to be; null: none.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.TagVersionDiffers"/> for a file without a version, and those of reading files.</exception>
    public async Task<ImmutableArray<VersionComparison>> CompareAsync(ImmutableArray<string> names, string? tag, CancellationToken ct)
    {
        var settings = workspace.Settings;
        ImmutableArray<string> known = [.. settings.Rpms.Select(rpm => rpm.Name).Prepend(settings.Project.Name).Distinct(StringComparer.Ordinal)];
        RefuseUnknown(names, known);
        var tagged = tag is null ? default : Tagged(TagName.Parse(tag), names);
        if (tagged.Package is { } only)
        {
            RefuseUnknown([only], known);
            known = [only];
        }

        var comparisons = ImmutableArray.CreateBuilder<VersionComparison>();
        foreach (var package in known.Where(each => names.IsEmpty || names.Contains(each, StringComparer.Ordinal)))
        {
            var sources = new VersionSources(settings, package);
            var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var path in sources.Paths)
            {
                files[path] = await workspace.ReadAsync(path, ct);
            }

            var compared = new VersionComparison(package, tagged.Version, sources.Read(path => files[path], path => path));
            comparisons.Add(compared.Others.IsEmpty ? compared with { Lag = Lag(package, files) } : compared);
        }

        return comparisons.ToImmutable();
    }

    /// <summary>What <c>spec update</c> would edit; a release that it raises is only the consequence of another edit.</summary>
    private ImmutableArray<SpecChange> Lag(string package, Dictionary<string, byte[]> files)
    {
        var settings = workspace.Settings;
        if (settings.Rpms.FirstOrDefault(each => each.Name == package) is not { VersionOf: not null } rpm)
        {
            return [];
        }

        var folder = new SpecFolder(SpecFile.Parse(files[rpm.Spec], rpm.Spec), null, ImmutableDictionary<string, Digest>.Empty);
        var locks = settings.Project.Lockfiles.Select(path => new LockPair(null, LockfileReader.Read(files[path], path)));
        var request = SpecFollowing.RequestOf(rpm, folder, new PlanInputs(settings, [.. locks], PlanRequest.Everything))!;
        return [.. SpecUpdate.Make(request with { Author = SpecAuthor.Nobody }).Changes.Where(change => change.What is not "Release")];
    }

    private (string? Version, string? Package) Tagged(TagName name, ImmutableArray<string> names)
    {
        var project = workspace.Settings.Project;
        var question = new TagQuestion(name, TagPattern.Parse(project.TagPattern), names is [var only] ? only : null, project.Name) { Now = default };
        return TagGate.ReadName(question);
    }

    private static void RefuseUnknown(ImmutableArray<string> names, ImmutableArray<string> known)
    {
        if (names.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            throw new ReleaseException(Fault.Usage, $"'{unknown}' is neither the project nor one of its RPMs.")
            {
                Remedy = Suggestion.For(unknown, known) is { } meant ? $"Did you mean '{meant}'?" : $"Known are: {string.Join(", ", known)}.",
            };
        }
    }
}

/// <summary>What is said about the version of one package.</summary>
/// <param name="Package">Its name.</param>
/// <param name="Tagged">The version in the tag's name, or null.</param>
/// <param name="Claims">What files say; the lock, where there is one, comes last.</param>
public sealed record VersionComparison(string Package, string? Tagged, ImmutableArray<VersionClaim> Claims)
{
    /// <summary>The version that the others are held against: the tag's, else the last file's, because a spec follows its lock. Null when nobody says one.</summary>
    public string? Version => Tagged ?? (Claims is [.., var last] ? last.Version : null);

    /// <summary>The spec, or null.</summary>
    public string? Spec => Claims.Select(claim => claim.Position.File).FirstOrDefault(file => file.EndsWith(".spec", StringComparison.Ordinal));

    /// <summary>Everything that is not in line as a failure with its place, in the order of the claims.</summary>
    public ImmutableArray<ReleaseException> Failures =>
    [
        .. Others.Select(claim => new ReleaseException(Fault.TagVersionDiffers, $"'{Package}' is to have version {Version}, and this file has {claim.Version}.", claim.Position)
        {
            Remedy = claim.Position.File == Spec ? InLine : "Bring the file in line.",
        }),
        .. Lag.Select(lag => new ReleaseException(Fault.SpecDiffers, $"'{Package}' has version {Version} as its lock, but its {lag.What} lags behind: {lag.AsLag}.", new SourcePosition(Spec!, lag.Line))
        {
            Remedy = InLine,
        }),
    ];

    /// <summary>The edits that a spec with the right version lacks all the same.</summary>
    public ImmutableArray<SpecChange> Lag { get; init; } = [];

    private string InLine => $"Bring the spec in line: dotnet release spec update {Package}";

    /// <summary>Whether everything agrees.</summary>
    public bool IsFine => Others.IsEmpty && Lag.IsEmpty;

    /// <summary>The files that say something else.</summary>
    public ImmutableArray<VersionClaim> Others => [.. Claims.Where(claim => !TagVersion.AreEqual(claim.Version, Version!))];
}
