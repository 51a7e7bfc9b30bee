using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs.Shipping;

/// <summary>
/// A release, decided: which tag, which packages for which distros, and the way they go. The plan that is shown is the plan that is
/// done; <see cref="Digest"/> tells whether two plans are the same.
/// </summary>
/// <param name="Settings">The project's settings.</param>
/// <param name="Tag">What is released.</param>
/// <param name="Builds">What has to exist.</param>
public sealed record ShipPlan(Settings Settings, ShipTag Tag, ReleasePlan Builds)
{
    /// <summary>The repository that packages go to first; null: the project has none.</summary>
    public RepositorySettings? Staging { get; init; }

    /// <summary>The repositories that packages are promoted to, in order; the last one is what users install from.</summary>
    public ImmutableArray<RepositorySettings> Promotions { get; init; } = [];

    /// <summary>Whether the release ends on GitHub.</summary>
    public bool HasGitHub { get; init; }

    /// <summary>The repository that users install from; null: the project has none.</summary>
    public RepositorySettings? Production => Promotions is [.., var last] ? last : Staging;

    /// <summary>The same for the same tag, commit, inputs and destinations, whatever is built or published already.</summary>
    public Digest Digest => Digest.Of(ToText());

    /// <summary>The digits that a person copies.</summary>
    public string ShortDigest => Digest.Hex[..12];

    private string ToText()
    {
        var text = new StringBuilder("dotnet-release ship plan 1\n");
        Add(text, "project", Settings.Project.Name);
        Add(text, "tag", Tag.Name);
        Add(text, "object", Tag.ObjectId ?? "none yet");
        Add(text, "commit", Tag.Commit ?? "none yet");
        foreach (var rpm in Builds.Rpms)
        {
            foreach (var target in rpm.Targets)
            {
                Add(text, "build", $"{rpm.Name} {target.Name} {target.Arch} {target.InputsKey} {string.Join(' ', target.Nevras)}");
            }
        }

        foreach (var repository in Promotions.Prepend(Staging).OfType<RepositorySettings>())
        {
            Add(text, "repository", $"{repository.Name} {repository.Url} {repository.Layout}");
        }

        Add(text, "github", HasGitHub ? $"{Settings.Project.GitHub} {string.Join(' ', Settings.GitHub.Assets)}" : "no");
        return text.ToString();
    }

    // The length in front keeps two different lists of values from giving one text.
    private static void Add(StringBuilder text, string name, string value) => text.Append(name).Append(' ').Append(value.Length).Append(' ').Append(value).Append('\n');
}

/// <summary>The tag of a release.</summary>
/// <param name="Name">Without <c>refs/tags/</c>.</param>
/// <param name="Version">The version in its name.</param>
public sealed record ShipTag(string Name, string Version)
{
    /// <summary>Id of the tag object; null in a dry run before it exists.</summary>
    public string? ObjectId { get; init; }

    /// <summary>Id of the commit that it names; null in a dry run before it exists.</summary>
    public string? Commit { get; init; }

    /// <summary>Id of the commit that the list of maintainers was read from.</summary>
    public string? MaintainersCommit { get; init; }

    /// <summary>Who signed it.</summary>
    public string? Signer { get; init; }

    /// <summary>Name of the confinement that the signer is subject to, or null.</summary>
    public string? ConfinedTo { get; init; }
}
