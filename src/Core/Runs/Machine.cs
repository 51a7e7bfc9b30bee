using DotnetRelease.Containers;
using DotnetRelease.Http;
using DotnetRelease.Images;
using DotnetRelease.Sources;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>What this machine offers to a run: its cache, its images, its containers, and one door to the network that opens when needed.</summary>
public sealed class Machine : IDisposable
{
    private readonly Lazy<HttpDoor> _http;
    private readonly IReporter _reporter;

    /// <summary>Nothing is opened yet.</summary>
    /// <param name="places">Where the user's files are.</param>
    /// <param name="reporter">Hears of downloads and waits.</param>
    /// <param name="mayWrite">False in a dry run: the cache learns nothing.</param>
    public Machine(Places places, IReporter reporter, bool mayWrite = true)
    {
        _reporter = reporter;
        _http = new(() => new HttpDoor(HttpLimits.Default, reporter));
        Cache = ContentCache.Open(places, mayWrite);
        Engine = new EmbeddedEngine(places);
        Images = new ImageStore(places, Cache, _http, reporter) { IsUnpacked = Engine.HasLayer, Logins = CredentialHelper.UserLogins() };
    }

    /// <summary>Downloads, by digest.</summary>
    public ContentCache Cache { get; }

    /// <summary>Containers.</summary>
    public IContainerEngine Engine { get; }

    /// <summary>Images.</summary>
    public ImageStore Images { get; }

    /// <summary>What gets the sources of a project.</summary>
    public SourceFetcher Fetcher(Workspace workspace)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var sources = workspace.Settings.Sources;
        return new SourceFetcher(_http.Value, Cache, SourceOptions.Parse(sources.Index.Text, sources.AllowHosts, workspace.Folder), _reporter);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }
}
