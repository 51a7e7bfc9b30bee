using System.Collections.Immutable;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>Signs packages that lie in the result folders; their statements and SBOMs stay true, for they name what a signature does not change.</summary>
/// <param name="Key">The key, as the settings name it.</param>
/// <param name="Access">How to get at it.</param>
public sealed record ResultSigning(string Key, KeyAccess Access)
{
    /// <summary>Signs all of them or none.</summary>
    /// <returns>The files as they are now, in the order of the paths.</returns>
    /// <exception cref="ReleaseException">What <see cref="RpmSigner"/> throws.</exception>
    public async Task<ImmutableArray<ResultFile>> SignAsync(ImmutableArray<string> paths, IReporter reporter, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(reporter);
        await using var home = await Access.OpenAsync(ct);
        await using var signer = await RpmSigner.OpenAsync(home.Gpg, Key, ct);
        var signed = await signer.SignAsync(paths, ct);
        foreach (var leftover in home.Removed.Concat(signer.RemovedLeftovers))
        {
            reporter.Info($"Removed '{leftover}', which a killed run left behind.");
        }

        return [.. signed.Select(result => new ResultFile(result.Rpm.File, result.Rpm.Signature))];
    }
}
