using System.Collections.Immutable;
using DotnetRelease.GitHub;

namespace DotnetRelease.Runs;

/// <summary>What the user asked of a release on GitHub.</summary>
public sealed record GitHubOptions
{
    /// <summary>The tag; null: that of the CI job, or the only one at the current commit.</summary>
    public string? Tag { get; init; }

    /// <summary>Full paths; none: what <c>github.assets</c> finds.</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    /// <summary>Full path of the file with the token; null: where a token usually is.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Replace complete assets that have other bytes.</summary>
    public bool Replace { get; init; }

    /// <summary><c>changelog</c>, <c>pulls</c>, or a template; null: what the settings say.</summary>
    public string? Notes { get; init; }

    /// <summary>Digest of the plan of a whole release; null: that of the checksums.</summary>
    public Digest? Plan { get; init; }
}

/// <summary>What goes to GitHub: every file was checked and hashed, and nothing was sent or written.</summary>
/// <param name="Place">Which repository.</param>
/// <param name="Tag">What is released.</param>
/// <param name="Files">Without the checksums.</param>
public sealed record GitHubPlan(GitHubPlace Place, ReleaseTag Tag, ImmutableArray<AssetFile> Files)
{
    /// <summary>What was asked for.</summary>
    public required GitHubOptions Options { get; init; }

    /// <summary>The list of their digests.</summary>
    public Checksums Checksums => Checksums.Of(Files);
}

/// <summary>A plan whose checksums are written, signed, and checked. Only <see cref="GitHubRun"/> makes one.</summary>
public sealed record SealedRelease
{
    internal SealedRelease(GitHubPlan plan, AssetFile checksums, SealedSignature? signature) => (Plan, Checksums, Signature) = (plan, checksums, signature);

    /// <summary>What goes to GitHub.</summary>
    public GitHubPlan Plan { get; }

    /// <summary>The checksum file.</summary>
    public AssetFile Checksums { get; }

    /// <summary>Its signature; null when the settings have no signing key.</summary>
    public SealedSignature? Signature { get; init; }

    /// <summary>Everything, the checksums and their signature last.</summary>
    public ImmutableArray<AssetFile> Files => [.. Plan.Files, Checksums, .. Signature is null ? (AssetFile[])[] : [Signature.File]];
}

/// <summary>A signature that was checked.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Signer">Fingerprint of the certificate.</param>
/// <param name="Certificate">The public key that it was checked with.</param>
public sealed record SealedSignature(AssetFile File, string Signer, ReadOnlyMemory<byte> Certificate);
