using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Sources;

namespace DotnetRelease.Building;

/// <summary>One sdist to be made: everything is decided and on this machine.</summary>
/// <param name="File">Its name.</param>
/// <param name="Recipe">How, for this version.</param>
/// <param name="Image">Of the recipe's target.</param>
/// <param name="Tree">What it is made of. Its prefix is the name of the one folder that the sdist has to have.</param>
public sealed record SdistJob(string File, SdistRecipe Recipe, Image Image, GitArchive Tree)
{
    /// <summary>How much of this machine each command may use.</summary>
    public Limits Limits { get; init; } = Limits.None;

    /// <summary>No network, also not for what has to be installed.</summary>
    public bool Offline { get; init; }

    /// <summary>Folder for work in progress, which the caller throws away.</summary>
    public required string WorkFolder { get; init; }

    /// <summary>Folder for the logs.</summary>
    public required string LogFolder { get; init; }

    /// <summary><c>tool-1.2.tar.gz on fedora-43</c>.</summary>
    public override string ToString() => $"{File} on {Recipe.Target}";
}
