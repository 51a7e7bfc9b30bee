using DotnetRelease.Building;
using DotnetRelease.Planning;
using DotnetRelease.Processes;

namespace DotnetRelease.Runs;

/// <summary>What <c>rpm</c> is asked for.</summary>
/// <param name="Range">Where the bump is looked for.</param>
/// <param name="Request">Which RPMs and targets.</param>
public sealed record RpmRequest(PlanRange Range, PlanRequest Request)
{
    /// <summary>Where results go when nobody says otherwise.</summary>
    public const string DefaultOutput = "dist/rpm";

    /// <summary>Folder of the results, each target in a folder of its own; relative to the project.</summary>
    public string Output { get; init; } = DefaultOutput;

    /// <summary>The key to sign with; null: the packages stay as they are.</summary>
    public string? Key { get; init; }

    /// <summary>How to get at the key; nothing of it is near a build.</summary>
    public KeyAccess Access { get; init; } = KeyAccess.OfUser;

    /// <summary>Whether the packages of a build root that <c>release.lock</c> does not know are noted there. What is tagged is not written to.</summary>
    public bool NotesRoots { get; init; } = true;

    /// <summary>Only images and build roots that <c>release.lock</c> has.</summary>
    public bool Locked { get; init; }

    /// <summary>Whether everything is built once more in other surroundings, and has to give the same.</summary>
    public bool CheckReproducible { get; init; }

    /// <summary>How many builds run at once; null: what the settings say, else as many as the machine can hold.</summary>
    public int? Jobs { get; init; }

    /// <summary>Whether packages are installed where the settings ask for it.</summary>
    public bool InstallCheck { get; init; } = true;

    /// <summary>Called with each build that fails, while its root is still there.</summary>
    public Func<FailedBuild, CancellationToken, Task>? OnFailure { get; init; }
}
