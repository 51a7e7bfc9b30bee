using System.Collections.Immutable;
using DotnetRelease.Planning;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>One target of a repository of the settings.</summary>
/// <param name="Repository">The repository's settings.</param>
/// <param name="Target">The distro's settings.</param>
/// <param name="Place">Where both meet.</param>
public sealed record RepositoryTarget(RepositorySettings Repository, TargetSettings Target, RepositoryPlace Place)
{
    /// <summary>What a message calls it: <c>qa/fedora-43</c>.</summary>
    public override string ToString() => $"{Repository.Name}/{Target.Name}";

    /// <summary>What a maintainer should know about the distro's end of life, as a sentence; null while that is far.</summary>
    public string? EndOfLifeNotice(DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        return Target.EndOfLife is { } end && end.IsNear(today) ? $"Target '{Target.Name}' {end.Say(today)}." : null;
    }

    /// <summary>The targets of a repository, in the order of the settings.</summary>
    /// <param name="workspace">The project.</param>
    /// <param name="repository">The settings' name; null: the only one that is not promoted to.</param>
    /// <param name="chosen">Names of targets; none: all of them.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryUnknown"/>, <see cref="Fault.Usage"/> or <see cref="Fault.SettingsInvalid"/>.</exception>
    public static ImmutableArray<RepositoryTarget> Of(Workspace workspace, string? repository, ImmutableArray<string> chosen)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var (settings, targets) = (workspace.Settings, new PublishTargets(workspace.Settings, workspace.Folder));
        var found = targets.Repository(repository);
        foreach (var name in chosen)
        {
            if (settings.FindTarget(name) is null)
            {
                var known = settings.Targets.Select(target => target.Name).ToList();
                throw new ReleaseException(Fault.Usage, $"The settings have no target '{name}'.")
                {
                    Remedy = Suggestion.For(name, known) is { } meant ? $"Did you mean '{meant}'?" : $"Known are: {string.Join(", ", known)}.",
                };
            }
        }

        // Two targets may share a place when the layout does not name them.
        return
        [
            .. settings.Targets.Where(target => chosen.IsEmpty || chosen.Contains(target.Name, StringComparer.Ordinal))
                .Select(target => new RepositoryTarget(found, target, targets.PlaceOf(found, target)))
                .DistinctBy(target => target.Place.Store.ToString(), StringComparer.Ordinal),
        ];
    }
}
