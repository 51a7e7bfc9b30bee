using System.Collections.Immutable;

namespace DotnetRelease.Planning;

/// <summary>
/// What an earlier build left behind for one RPM on one target and machine. A plan trusts it only when the caller has found the files with
/// these digests.
/// </summary>
/// <param name="Rpm">The settings' name of it.</param>
/// <param name="Target">The settings' name of it.</param>
/// <param name="Arch">The machine.</param>
/// <param name="InputsKey">Everything that went in: <see cref="PlannedTarget.InputsKey"/> of the plan that was built.</param>
/// <param name="Files">The packages it gave, digests of the files as they came out of the build.</param>
public sealed record BuildRecord(string Rpm, string Target, string Arch, Digest InputsKey, ImmutableArray<BuiltFile> Files)
{
    /// <summary>What lies beside the packages and is about them.</summary>
    public ImmutableArray<BuiltDocument> Documents { get; init; } = [];

    /// <summary>The inputs one by one, as <see cref="BuildInputs.Parts"/>; empty when the build was made before anybody noted them.</summary>
    public ImmutableSortedDictionary<string, string> Parts { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary><see cref="RootPackages.Digest"/> of the root in which they were built; null when the record does not say.</summary>
    public Digest? Root { get; init; }
}

/// <summary>One package that a build gave.</summary>
/// <param name="Name">File name.</param>
/// <param name="Digest">Of its bytes.</param>
/// <param name="HeaderDigest">Of its main header, which signing does not change.</param>
public sealed record BuiltFile(string Name, Digest Digest, Digest HeaderDigest);

/// <summary>A file about a package that a build gave: its SBOM.</summary>
/// <param name="Name">File name.</param>
/// <param name="Digest">Of its bytes.</param>
public sealed record BuiltDocument(string Name, Digest Digest);
