namespace DotnetRelease.Building;

/// <summary>How long the parts of one build took.</summary>
/// <param name="Prepare">Installing build requirements; nothing when the prepared root was there.</param>
/// <param name="Build">rpmspec and rpmbuild.</param>
/// <param name="Check">Copying out, reading and judging the results, and installing them.</param>
public sealed record BuildTimes(TimeSpan Prepare, TimeSpan Build, TimeSpan Check);
