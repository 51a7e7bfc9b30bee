using DotnetRelease.GitHub;
using DotnetRelease.Runs;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DotnetRelease.Tasks;

/// <summary>
/// A draft on GitHub with every file compared: the rule behind <c>github upload</c>. The token is read by Core from the environment or a file,
/// never from a property.
/// </summary>
public sealed class ReleaseOnGitHub : ReleaseTask
{
    /// <summary>Files to upload; none: what <c>github.assets</c> of the settings finds.</summary>
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>The tag; empty: that of the CI job, or the only one at the current commit.</summary>
    public string Tag { get; set; } = "";

    /// <summary>Make the release public when it is complete; else <c>github.draft</c> of the settings decides.</summary>
    public bool Publish { get; set; }

    /// <summary>One item for each asset. Identity is its name; metadata: <c>Sha256</c>, <c>Size</c> in bytes.</summary>
    [Output]
    public ITaskItem[] Assets { get; private set; } = [];

    /// <inheritdoc/>
    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken ct)
    {
        await EventOrigin.RequireTrustedAsync("DotnetReleaseGitHub", ProjectFolder, ct);
        var workspace = await Workspace.OpenAsync(ProjectFolder, Optional(Config), ct);
        var run = new GitHubRun(workspace, new GitHubContext(Reporter, TimeProvider.System));
        var options = new GitHubOptions { Tag = Optional(Tag), Files = [.. Files.Select(file => file.GetMetadata("FullPath"))] };
        var result = await new GitHubUpload(workspace, run, Reporter).RunAsync(options, Publish || !workspace.Settings.GitHub.Draft, ct);
        Assets = [.. result.Sealed.Files.Select(ToItem)];
    }

    private static TaskItem ToItem(AssetFile file)
    {
        var item = new TaskItem(file.Name);
        item.SetMetadata("Sha256", file.Digest.Hex);
        item.SetMetadata("Size", file.Size.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return item;
    }
}
