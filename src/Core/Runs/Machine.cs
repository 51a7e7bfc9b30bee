using System.Collections.Concurrent;
using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Containers;
using DotnetRelease.Http;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Sources;
using DotnetRelease.Storage;
using DotnetRelease.WheelFiles;

namespace DotnetRelease.Runs;

/// <summary>What this machine offers to a run: its cache, its images, its containers, and one door to the network that opens when needed.</summary>
public sealed class Machine : IDisposable
{
    private readonly Lazy<HttpDoor> _http;
    private readonly Lazy<PublishedPackages> _published;
    private readonly IReporter _reporter;
    private readonly Lazy<RegistryRules> _rules;
    private readonly ConcurrentDictionary<EngineChoice, IContainerEngine> _engines = new();

    /// <summary>Nothing is opened yet.</summary>
    /// <param name="places">Where the user's files are.</param>
    /// <param name="reporter">Hears of downloads and waits.</param>
    /// <param name="mayWrite">False in a dry run: the cache learns nothing.</param>
    /// <param name="settings">Of the project, which may know mirrors of registries.</param>
    public Machine(Places places, IReporter reporter, bool mayWrite = true, Settings? settings = null)
    {
        _reporter = reporter;
        _http = new(() => new HttpDoor(HttpLimits.Default, reporter) { IsClosed = Offline });
        _published = new(() => new PublishedPackages(reporter, Offline));
        Cache = ContentCache.Open(places, mayWrite);
        Places = places;
        _rules = settings is null ? new(RegistryRules.None) : new(() => RegistryRulesOf.Settings(settings));
        Images = ImagesFor(Engine);
    }

    /// <summary>Nobody is asked over a network: what is not on this machine is missing.</summary>
    public bool Offline { get; init; }

    /// <summary>What users have of the project's packages.</summary>
    public PublishedPackages Published => _published.Value;

    /// <summary>Packages of distros that earlier builds downloaded.</summary>
    public PackageCache Packages => PackageCache.Open(Places);

    /// <summary>Where the user's files are.</summary>
    public Places Places { get; }

    /// <summary>Downloads, by digest.</summary>
    public ContentCache Cache { get; }

    /// <summary>What the builds of a run share is made once.</summary>
    public Turns Turns { get; } = new();

    /// <summary>The engine that the user named for this run; null: what the settings say.</summary>
    public EngineChoice? AskedEngine { get; init; }

    /// <summary>The containers that this machine makes when nobody chooses.</summary>
    public IContainerEngine Engine => Open(EngineChoice.Default);

    /// <summary>Images for <see cref="Engine"/>, and what image names mean.</summary>
    public ImageStore Images { get; }

    /// <summary>
    /// What builds for a target: the engine that was asked for, else the settings', and on the target's own machine when it has one. Whoever
    /// asks for the embedded engine wants to build here.
    /// </summary>
    public EngineChoice EngineFor(Settings settings, string target)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (AskedEngine is { Kind: EngineKind.Embedded })
        {
            return AskedEngine;
        }

        var choice = AskedEngine ?? (settings.Engine is { } name ? EngineChoice.Parse(name) : EngineChoice.Default);
        return choice.At(settings.FindTarget(target)?.EngineHost);
    }

    /// <summary>An engine; the same each time.</summary>
    public IContainerEngine Open(EngineChoice choice)
    {
        ArgumentNullException.ThrowIfNull(choice);
        return _engines.GetOrAdd(choice, each => each.Open(Places));
    }

    /// <summary>Images in the form that an engine needs.</summary>
    public ImageStore ImagesFor(IContainerEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return new ImageStore(Places, Cache, _http, _reporter) { IsUnpacked = engine.HasLayer, Logins = CredentialHelper.UserLogins(), Rules = _rules };
    }

    /// <summary>What gets the sources of a project.</summary>
    public SourceFetcher Fetcher(Workspace workspace)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var sources = workspace.Settings.Sources;
        var options = SourceOptions.Parse(sources.Index.Text, sources.AllowHosts, workspace.Folder) with
        {
            Mirrors = [.. sources.Mirrors.Select(rule => MirroredPrefix.Parse(rule.Key, rule.Value))],
        };
        return new SourceFetcher(_http.Value, Cache, options, _reporter);
    }

    /// <summary>The sources of an RPM, fetched and proven; of a wheel also that it is one, because its digest says only that nobody changed it.</summary>
    /// <exception cref="ReleaseException">Faults of the thousands digit 2.</exception>
    public async Task<ImmutableArray<VerifiedSource>> FetchAsync(Workspace workspace, PlannedRpm rpm, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(rpm);
        var folder = Path.GetDirectoryName(workspace.Resolve(rpm.Spec))!;
        if (workspace.Settings.Rpms.FirstOrDefault(each => each.Name == rpm.Name) is not { Sources.IsEmpty: false } ruled)
        {
            return await FetchAsync(workspace, rpm.Sources, folder, ct);
        }

        await new GitSources(workspace, this, _reporter).ProvideAsync(ruled, rpm.Sources, ct);
        var sources = await FetchAsync(workspace, rpm.Sources, folder, ct);
        await Signed(workspace).DemandAsync(ruled, rpm.Sources, sources, ct);
        return sources;
    }

    /// <summary>The same for sources that no RPM has yet.</summary>
    internal async Task<ImmutableArray<VerifiedSource>> FetchAsync(Workspace workspace, ImmutableArray<PlannedSource> planned, string specFolder, CancellationToken ct)
    {
        var sources = await Fetcher(workspace).FetchAsync(planned, specFolder, ct);
        foreach (var wheel in sources.Where(source => source.File.EndsWith(".whl", StringComparison.Ordinal) && !Cache.IsNoted(source.Digest, WheelProof.Finding)))
        {
            await WheelProof.DemandAsync(wheel.Path, wheel.File, ct);
            Cache.Note(wheel.Digest, WheelProof.Finding);
        }

        return sources;
    }

    /// <summary>Sources of a project that their publisher signed.</summary>
    internal SignedSources Signed(Workspace workspace) => new(workspace, _http.Value, Cache, _reporter);

    /// <summary>The sha512 of a source, which is fetched and proven first.</summary>
    /// <exception cref="ReleaseException">Faults of the thousands digit 2.</exception>
    public async Task<Digest> Sha512OfAsync(Workspace workspace, PlannedSource source, CancellationToken ct)
    {
        var verified = await Fetcher(workspace).FetchAsync([source], "", ct);
        return await Digest.Sha512OfFileAsync(verified[0].Path, ct);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_published.IsValueCreated)
        {
            _published.Value.Dispose();
        }

        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }
}
