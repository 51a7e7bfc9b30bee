using System.Collections.Immutable;
using DotnetRelease.Http;

namespace DotnetRelease.GitHub;

/// <summary>
/// Downloads a release as a stranger gets it and compares every byte with the signed checksums. A client without a token is what makes
/// it a stranger.
/// </summary>
/// <param name="releases">The API.</param>
/// <param name="door">The network, for the downloads.</param>
public sealed class ReleaseVerifier(GitHubReleases releases, HttpDoor door)
{
    private const int AtOnce = 4;

    private GitHubClient Client => releases.Client;

    /// <summary>Checks the signature of the checksums, then every asset, then that nothing is missing or superfluous.</summary>
    /// <param name="release">Which; see <see cref="GitHubReleases.FindPublishedAsync"/>.</param>
    /// <param name="certificate">Public keys that may have signed the checksums.</param>
    /// <param name="ct">Ends the downloads.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.ReleaseUnverified"/> when there is nothing to compare with; other findings are in the report.</exception>
    public async Task<ReleaseReport> VerifyAsync(Release release, ReadOnlyMemory<byte> certificate, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(release);
        var assets = await releases.AssetsAsync(release.Id, ct);
        var text = await SmallAsync(release, assets, Checksums.FileName, Checksums.SizeLimit, ct);
        var signature = await SmallAsync(release, assets, Checksums.SignatureName, ChecksumSignature.SizeLimit, ct);
        var signer = await ChecksumSignature.VerifyAsync(text, signature, certificate, ct);
        var checksums = Checksums.Parse(text.Span);

        var items = new AssetFinding[assets.Length];
        await Parallel.ForEachAsync(assets.Index(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (asset, token) =>
            items[asset.Index] = await FindingAsync(asset.Item, checksums, token));
        var missing = checksums.Lines.Keys.Except(assets.Select(asset => asset.Name), StringComparer.Ordinal).Select(name => new AssetFinding(name, null, "is in the checksums and not in the release"));
        return new ReleaseReport(release, signer, [.. items.Concat(missing).OrderBy(item => item.Name, StringComparer.Ordinal)]);
    }

    private async Task<AssetFinding> FindingAsync(Asset asset, Checksums checksums, CancellationToken ct)
    {
        if (asset.Name is Checksums.FileName or Checksums.SignatureName)
        {
            // Both were read and proven already.
            return new AssetFinding(asset.Name, null, null);
        }

        if (!checksums.Lines.TryGetValue(asset.Name, out var expected))
        {
            return new AssetFinding(asset.Name, null, "is not in the checksums: nobody signed it");
        }

        if (!asset.IsComplete)
        {
            return new AssetFinding(asset.Name, null, "was never uploaded completely");
        }

        try
        {
            var actual = await ReceiveAsync(asset, reply => AssetBytes.DigestAsync(reply, ct), ct);
            return new AssetFinding(asset.Name, actual, actual == expected ? null : $"has digest {actual}, the checksums say {expected}");
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.SourceNotFound || ex.Fault == Fault.RemoteUnauthorized)
        {
            return new AssetFinding(asset.Name, null, $"cannot be downloaded: {ex.Message.TrimEnd('.')}");
        }
    }

    private async Task<ReadOnlyMemory<byte>> SmallAsync(Release release, ImmutableArray<Asset> assets, string name, int limit, CancellationToken ct)
    {
        var asset = assets.FirstOrDefault(asset => asset.Name == name && asset.IsComplete)
            ?? throw new ReleaseException(Fault.ReleaseUnverified, $"The release {release} has no {name}: there is nothing to compare its files with.");
        return asset.Size <= limit
            ? await ReceiveAsync(asset, reply => AssetBytes.ReadAsync(reply, ct), ct)
            : throw new ReleaseException(Fault.ReleaseUnverified, $"{name} of the release {release} has {asset.Size} bytes; at most {limit} are read.");
    }

    /// <summary>A stranger takes the address for people; who has a token takes the API's, which works for drafts and private ones.</summary>
    private Task<T> ReceiveAsync<T>(Asset asset, Func<HttpReply, Task<T>> receive, CancellationToken ct)
    {
        if (Client.Token is not null)
        {
            return Client.ReceiveAsync(asset.Url, asset.Size, receive, ct);
        }

        return Client.Place.IsFamily(asset.Download)
            ? door.ReceiveAsync(new HttpAsk(asset.Download) { MaxBytes = asset.Size, PastCaches = true, Progress = done => Client.Context.Reporter.Progress(asset.Name, done, asset.Size) }, receive, ct)
            : throw new ReleaseException(Fault.GitHubFailed, $"{asset.Name} is said to be at {asset.Download.Host}, which does not belong to {Client.Place.Api.Host}.");
    }
}

/// <summary>What a stranger finds in a release.</summary>
/// <param name="Release">Which.</param>
/// <param name="Signer">Fingerprint of the certificate that signed the checksums.</param>
/// <param name="Items">All assets, and what is missing, by name.</param>
public sealed record ReleaseReport(Release Release, string Signer, ImmutableArray<AssetFinding> Items)
{
    /// <summary>Every asset is there, proven, and nothing else is.</summary>
    public bool IsGood => Items.All(item => item.Problem is null);

    /// <summary>What is wrong, as a failure.</summary>
    public ReleaseException ToFault()
    {
        var bad = Items.Where(item => item.Problem is not null).ToList();
        return new(Fault.ReleaseUnverified, $"The release {Release} is not what was signed: {string.Join("; ", bad.Select(item => $"{item.Name} {item.Problem}"))}.");
    }
}

/// <summary>One asset.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Digest">Of what was downloaded.</param>
/// <param name="Problem">What is wrong, as the end of a sentence; null for a good one.</param>
public sealed record AssetFinding(string Name, Digest? Digest, string? Problem);
