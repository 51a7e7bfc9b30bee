using DotnetRelease.Rpm;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs;

/// <summary>
/// The one place that decides whether signed packages may go to a repository at all: publishing, promoting and shipping pass here. The
/// rules are the <c>[confined]</c> tables of the list of maintainers, as the protected branch has it.
/// </summary>
public sealed class Admission
{
    private readonly MaintainerList? _list;
    private readonly string? _confinedTo;

    private Admission(MaintainerList? list, string? confinedTo) => (_list, _confinedTo) = (list, confinedTo);

    /// <summary>Reads the rules of a project.</summary>
    /// <param name="folder">Full path of the settings' folder.</param>
    /// <param name="choice">Whose rules, and who releases.</param>
    /// <param name="ct">Ends git.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.ProtectedBranchUnknown"/>, <see cref="Fault.MaintainersInvalid"/>, <see cref="Fault.MaintainersMissing"/>.</exception>
    public static async Task<Admission> ReadAsync(string folder, AdmissionChoice choice, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(choice);
        var place = new ProtectedList(folder);
        if (choice.Maintainers is null && !place.HasRepository)
        {
            return new(null, null);
        }

        var revision = choice.Maintainers ?? await place.FindRevisionAsync(ct);
        var (commit, list) = await place.ReadAsync(revision ?? "HEAD", ct);
        if (revision is null && list is not null)
        {
            // There are rules, and the only ones at hand are those of the commit that is being released.
            throw ProtectedList.NobodySays();
        }

        return list is null && choice.Maintainers is not null
            ? throw new ReleaseException(Fault.MaintainersMissing, $"There is no {MaintainerList.FileName} in commit {commit} ({choice.Maintainers}).") { Remedy = "Name the protected branch." }
            : new(list, choice.ConfinedTo);
    }

    /// <summary>Fails on the first package that may not go there.</summary>
    /// <param name="repository">The settings' name of the repository.</param>
    /// <param name="packages">Checked files.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.PackageConfined"/>.</exception>
    public async Task DemandAsync(string repository, IEnumerable<SignedRpm> packages, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(packages);
        if (_list is null || new ConfinementRule(_list, repository) is not { IsNeeded: true } rule)
        {
            return;
        }

        rule.DemandSigner(_confinedTo);
        foreach (var package in packages)
        {
            rule.Demand(ConfinedPackage.Of(await RpmPackage.ReadAsync(package.File.Path, ct)));
        }
    }
}

/// <summary>By whose list, and for whom.</summary>
/// <param name="Maintainers">A revision whose list counts; null: that of the protected branch.</param>
/// <param name="ConfinedTo">What the signer of the released tag is confined to (<see cref="TagVerdict.ConfinedTo"/>); null for nothing.</param>
public sealed record AdmissionChoice(string? Maintainers, string? ConfinedTo);
