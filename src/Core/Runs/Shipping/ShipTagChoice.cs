using DotnetRelease.Facts;
using DotnetRelease.Processes;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs.Shipping;

/// <summary>Which tag is meant when nobody names one: the one whose release was begun, else the one of the commit that is checked out.</summary>
/// <param name="world">Where.</param>
internal sealed class ShipTagChoice(ShipWorld world)
{
    private readonly TagPattern _pattern = TagPattern.Parse(world.Workspace.Settings.Project.TagPattern);

    /// <summary>The name of the tag.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.TagMissing"/> or <see cref="Fault.NothingToResume"/>.</exception>
    internal async Task<string> FindAsync(ShipRequest request, CancellationToken ct)
    {
        var begun = new ShipHistory(world.Ledger).Begun()?.Details[FactDetail.Tag];
        if (request.Tag is { } named)
        {
            return request.Resume && begun is not null && begun != TagName.Parse(named).Text
                ? throw new ReleaseException(Fault.NothingToResume, $"The release that was begun is {begun}, and not {named}.")
                {
                    Remedy = $"Finish it (--resume --tag {begun}), or begin the other one without --resume.",
                }
                : TagName.Parse(named).Text;
        }

        return (request.Resume ? begun : null) ?? await OfHeadAsync(ct) ?? throw new ReleaseException(
            Fault.TagMissing, $"The commit that is checked out in '{world.Workspace.Folder}' has no tag of the form {_pattern}.")
        {
            Remedy = "Tag it (git tag -s v1.2.0), or name a tag with --tag.",
        };
    }

    /// <summary>The version that a tag's name stands for.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>.</exception>
    internal string VersionOf(string tag) => _pattern.Read(tag)?.Version
        ?? throw new ReleaseException(Fault.Usage, $"'{tag}' does not have the form of this project's tags, {_pattern}.") { Remedy = "Name another tag, or change 'tag-pattern' in [project]." };

    private async Task<string?> OfHeadAsync(CancellationToken ct)
    {
        const string prefix = "refs/tags/";
        var git = new Git(world.Workspace.Folder);
        var outcome = await Exec.RunAsync(git.Command("for-each-ref", "--points-at=HEAD", "--format=%(refname)", prefix), ct);
        var tags = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(each => each[prefix.Length..]).Where(tag => _pattern.Read(tag) is not null).ToList();
        return tags switch
        {
            [] => null,
            [var only] => only,
            _ => throw new ReleaseException(Fault.TagMissing, $"The commit that is checked out has several tags: {string.Join(", ", tags)}.") { Remedy = "Name one with --tag." },
        };
    }
}
