using DotnetRelease.Runs;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DotnetRelease.Tasks;

/// <summary>Publishes signed packages in a dnf repository: the rule behind <c>publish</c>. The repository decides what is new, not a time.</summary>
public sealed class PublishRpms : KeyTask
{
    /// <summary>The packages.</summary>
    [Required]
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>The settings' name of the repository; empty: the only one that is not promoted to.</summary>
    public string Repository { get; set; } = "";

    /// <summary>
    /// One item for each package of these files. Identity is its NEVRA; metadata: <c>RpmTarget</c>, <c>Url</c> of its repository, <c>Sha256</c>,
    /// <c>Signer</c> and <c>State</c> (<c>published</c>, <c>present</c>).
    /// </summary>
    [Output]
    public ITaskItem[] Published { get; private set; } = [];

    /// <inheritdoc/>
    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken ct)
    {
        await EventOrigin.RequireTrustedAsync("DotnetReleasePublish", ProjectFolder, ct);
        if (Files.Length is 0)
        {
            Reporter.Info("Nothing to publish.");
            return;
        }

        await using var home = await Access.OpenAsync(ct);
        var run = new PublishRun(await OpenAsync(ct), Reporter) { Gpg = home.Gpg };
        var options = new PublishOptions(Optional(Repository), AllowDowngrade: false);
        var jobs = await run.PrepareAsync([.. Files.Select(file => RpmRecord.Of(file).Path)], options, ct);
        var results = await run.PublishAsync(jobs, options, ct);
        foreach (var failure in results.Select(result => result.Failure).OfType<ReleaseException>())
        {
            LogFault(failure);
        }

        Published = [.. results.SelectMany(ToItems)];
    }

    private static IEnumerable<TaskItem> ToItems(PublishResult result)
    {
        foreach (var package in result.Receipt?.Packages ?? [])
        {
            var item = new TaskItem(package.Nevra.ToString());
            item.SetMetadata("RpmTarget", result.Job.Target);
            item.SetMetadata("Url", result.Job.Place.BaseUrl.AbsoluteUri);
            item.SetMetadata("Sha256", package.Sha256.Hex);
            item.SetMetadata("Signer", package.Signer);
            item.SetMetadata("State", package.IsNew ? "published" : "present");
            yield return item;
        }
    }
}
