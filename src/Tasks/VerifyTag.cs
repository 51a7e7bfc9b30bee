using DotnetRelease.Runs;
using DotnetRelease.Tags;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DotnetRelease.Tasks;

/// <summary>The signed-tag gate: the rule behind <c>tag verify</c>. A refusal is an error, and is in the ledger.</summary>
public sealed class VerifyTag : ReleaseTask
{
    /// <summary>Name of the tag.</summary>
    [Required]
    public string Tag { get; set; } = "";

    /// <summary>The package; empty: what the tag's name says, else the project.</summary>
    public string Package { get; set; } = "";

    /// <summary>Where to; empty: <c>stable</c>.</summary>
    public string Channel { get; set; } = "";

    /// <summary>The revision whose maintainers.toml counts; empty: the default branch of origin, else the one that is checked out.</summary>
    public string Maintainers { get; set; } = "";

    /// <summary>The accepted tag. Identity is its name; metadata: <c>Package</c>, <c>Version</c>, <c>Commit</c>, <c>Signer</c>, <c>Fingerprint</c>.</summary>
    [Output]
    public ITaskItem? Accepted { get; private set; }

    /// <inheritdoc/>
    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken ct)
    {
        var workspace = await Workspace.OpenAsync(ProjectFolder, Optional(Config), ct);
        var request = new TagRequest(Tag)
        {
            Package = Optional(Package),
            Channel = Optional(Channel) ?? TagQuestion.DefaultChannel,
            Maintainers = Optional(Maintainers),
        };
        var verdict = await new TagRun(workspace, Reporter).VerifyAsync(request, ct);
        var item = new TaskItem(verdict.Tag.Name);
        item.SetMetadata("Package", verdict.Package);
        item.SetMetadata("Version", verdict.Version);
        item.SetMetadata("Commit", verdict.Tag.Target);
        item.SetMetadata("Signer", verdict.Signer.Maintainer.Name);
        item.SetMetadata("Fingerprint", verdict.Signer.SigningKey);
        Accepted = item;
    }
}
