using System.Collections.Immutable;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>The packages of one target and the repository they go to.</summary>
/// <param name="Target">The settings' name of the target.</param>
/// <param name="Place">Where.</param>
/// <param name="Packages">What; each was checked.</param>
public sealed record PublishJob(string Target, RepositoryPlace Place, ImmutableArray<SignedRpm> Packages);
