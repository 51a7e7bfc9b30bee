using DotnetRelease.Facts;
using DotnetRelease.Processes;

namespace DotnetRelease.Runs.Shipping;

/// <summary>Where a release happens: the project, the machine, who hears of it, and the ledger that remembers.</summary>
/// <param name="Workspace">The project.</param>
/// <param name="Machine">What the stages share.</param>
/// <param name="Reporter">Hears what happens.</param>
/// <param name="Ledger">Gets the facts.</param>
public sealed record ShipWorld(Workspace Workspace, Machine Machine, IReporter Reporter, Ledger Ledger)
{
    /// <summary>The keyring with the secret key, and for checking the public one.</summary>
    public Gpg Gpg { get; init; } = new();
}
