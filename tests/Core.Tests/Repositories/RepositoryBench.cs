using System.Collections.Immutable;
using DotnetRelease.Fixtures;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>A repository folder of one test, a key, and signed packages to put there.</summary>
internal sealed class RepositoryBench(CancellationToken ct) : IDisposable
{
    private int _copies;

    internal Scratch Scratch { get; } = new();

    internal ListReporter Reporter { get; } = new();

    internal ManualClock Clock { get; } = new();

    /// <summary>What packages are published through; the folder of <see cref="Root"/> itself, unless a test says otherwise.</summary>
    internal StoreAddress? Store { get; set; }

    internal RepositoryPlace Folder => RepositoryPlace.Of(new RepositoryAddress("qa", Scratch["repo"], "{project}/{target}", null), "demo", "local", "x86_64");

    internal RepositoryPlace Place => Store is null ? Folder : Folder with { Store = Store };

    internal string Root => Folder.Store.ToString();

    internal string Repodata => Path.Combine(Root, "repodata");

    public void Dispose() => Scratch.Dispose();

    /// <summary>Builds and signs packages, binary and source.</summary>
    internal async Task<ImmutableArray<SignedRpm>> SignedAsync(TestKey key, params RpmRecipe[] recipes)
    {
        List<string> files = [];
        foreach (var built in await Task.WhenAll(recipes.Select(RpmFactory.BuildAsync)))
        {
            files.AddRange([Copy(built.Binary), Copy(built.Source)]);
        }

        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, ct);
        return [.. (await signer.SignAsync([.. files], ct)).Select(result => result.Rpm)];
    }

    internal async Task<Receipt> PublishAsync(TestKey key, ImmutableArray<SignedRpm> packages, bool allowDowngrade = false) =>
        await new Publisher(Reporter, Clock).PublishAsync(
            new PublishRequest(Place, packages, await MetadataKey.FindAsync(key.Gpg, key.Fingerprint, ct)) { Project = "demo", AllowDowngrade = allowDowngrade }, ct);

    internal async Task<RepositoryReport> VerifyAsync(TestKey key)
    {
        await using var trusted = await RpmVerifier.OpenAsync([await key.PublicAsync()], ct);
        return await RepositoryVerifier.VerifyAsync(Root, trusted, ct);
    }

    /// <summary>Every file below the repository with its digest, for "nothing changed"; the lock says who held it last.</summary>
    internal string Fingerprint() => string.Join('\n', Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
        .Where(path => !path.EndsWith(".lock", StringComparison.Ordinal))
        .Select(path => $"{Path.GetRelativePath(Root, path)} {Digest.Of(File.ReadAllBytes(path)).Hex}")
        .Order(StringComparer.Ordinal));

    internal static string Problems(RepositoryReport report) =>
        string.Join('\n', report.Items.SelectMany(item => item.Problems.Select(problem => $"{Path.GetFileName(item.Path)} {problem.Fault.Id} {problem.Text}")));

    private string Copy(string file)
    {
        var copy = Path.Combine(Scratch.Folder($"signed-{_copies++}"), Path.GetFileName(file));
        File.Copy(file, copy);
        return copy;
    }
}

/// <summary>A clock that a test moves.</summary>
internal sealed class ManualClock : TimeProvider
{
    internal DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

    public override DateTimeOffset GetUtcNow() => Now;
}
