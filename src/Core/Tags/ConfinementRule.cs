namespace DotnetRelease.Tags;

/// <summary>
/// Decides whether a package may go to a repository. A confinement works in both directions: what belongs to it goes nowhere else, and
/// nothing else goes where it is.
/// </summary>
/// <param name="list">The list of maintainers, with its confinements.</param>
/// <param name="repository">The settings' name of the repository.</param>
internal sealed class ConfinementRule(MaintainerList list, string repository)
{
    /// <summary>Whether any package can be refused; if not, none has to be looked at.</summary>
    internal bool IsNeeded => !list.Confinements.IsEmpty;

    /// <summary>Refuses what was built from a tag whose signer is confined elsewhere, whatever it is named.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PackageConfined"/>.</exception>
    internal void DemandSigner(string? confinedTo)
    {
        if (confinedTo is not null && list.FindConfinement(confinedTo) is var confinement && confinement?.Repositories.Contains(repository, StringComparer.Ordinal) is not true)
        {
            throw Refuse($"What this signer releases is confined to {(confinement is null ? confinedTo : Places(confinement))}, and was to go to '{repository}'");
        }
    }

    /// <exception cref="ReleaseException"><see cref="Fault.PackageConfined"/>.</exception>
    internal void Demand(ConfinedPackage package)
    {
        var here = list.Confinements.Where(each => each.Repositories.Contains(repository, StringComparer.Ordinal)).ToList();
        foreach (var confinement in here)
        {
            DemandInside(package, confinement);
        }

        if (here.Count is 0 && list.Confinements.FirstOrDefault(each => each.Owns(package.Name) || each.Owns(package.Source)) is { } elsewhere)
        {
            throw Refuse($"{package.FileName} is confined to {Places(elsewhere)}, and was to go to '{repository}'");
        }
    }

    private void DemandInside(ConfinedPackage package, Confinement confinement)
    {
        var names = $"'{repository}' takes only {string.Join(", ", confinement.Packages)}";
        if (!confinement.Owns(package.Name))
        {
            throw Refuse($"{package.FileName} may not go to '{repository}': {names}");
        }

        if (!confinement.Owns(package.Source))
        {
            throw Refuse($"{package.FileName} was built from '{package.Source}' and may not go to '{repository}': {names}");
        }

        if (package.Claims.FirstOrDefault(claim => !confinement.Owns(claim)) is { } claimed)
        {
            throw Refuse($"{package.FileName} would stand in for, replace or remove '{claimed}': {names}");
        }

        if (!confinement.AllowsScriptlets && !package.Scriptlets.IsEmpty)
        {
            throw Refuse($"{package.FileName} runs code on the machine that installs it ({string.Join(", ", package.Scriptlets)}), and '{repository}' takes only packages that do not");
        }
    }

    private static string Places(Confinement confinement) => string.Join(", ", confinement.Repositories.Select(each => $"'{each}'"));

    private ReleaseException Refuse(string what) => new(Fault.PackageConfined, $"{what}. {list.Source}")
    {
        Remedy = $"Take it out of the release, or change [confined] in {MaintainerList.FileName} on the protected branch.",
    };
}
