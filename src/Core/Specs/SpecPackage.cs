namespace DotnetRelease.Specs;

/// <summary>One binary package that a spec describes.</summary>
/// <param name="Name">Its full name.</param>
public sealed record SpecPackage(string Name)
{
    /// <summary>Its own <c>BuildArch</c>, or null when it has the machine's.</summary>
    public string? BuildArch { get; init; }

    /// <summary>Its own <c>Version</c>, or null when it has the main one.</summary>
    public string? Version { get; init; }

    /// <summary>Its own <c>Release</c>, or null when it has the main one.</summary>
    public string? Release { get; init; }

    /// <summary>Its own <c>Epoch</c>, or null when it has the main one.</summary>
    public string? Epoch { get; init; }

    /// <summary>Whether there is a <c>%files</c> for it; rpmbuild writes no package without one.</summary>
    public bool HasFiles { get; init; }
}
