using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;

namespace DotnetRelease.GitHub;

/// <summary>
/// Fills a release. What is there with the same bytes is left alone, what is there with others is a conflict, and an answer that says
/// nothing is followed by a look at the list, never by a second upload at once.
/// </summary>
/// <param name="releases">The API.</param>
public sealed class AssetUploader(GitHubReleases releases)
{
    /// <summary>Uploads at once. More of them only share the same line.</summary>
    private const int AtOnce = 4;

    private const int Attempts = 4;

    /// <summary>A server that failed may still be storing; what it left behind is looked at again after this time.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<long, Digest> _downloaded = new();
    private int _uploaded;

    private GitHubContext Context => releases.Client.Context;

    /// <summary>Uploads what is missing and compares everything by the server's own list.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.AssetConflict"/>, <see cref="Fault.ReleaseImmutable"/>, <see cref="Fault.RemoteFailed"/> after several attempts.
    /// </exception>
    public async Task<UploadReceipt> UploadAsync(UploadRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var there = await releases.AssetsAsync(request.Release.Id, ct);
        RefuseConflicts(request, await CompareAsync(request.Files, there, ct));
        var results = new AssetReceipt[request.Files.Length];
        await Parallel.ForEachAsync(request.Files.Index(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (file, token) =>
        {
            var asset = there.FirstOrDefault(asset => asset.Name == file.Item.Name);
            results[file.Index] = await UploadAsync(request, file.Item, asset, token);
        });
        await ProveAsync(request, ct);
        return new UploadReceipt(request.Release.Id, [.. results]);
    }

    /// <summary>How each file compares with what the server has.</summary>
    public async Task<ImmutableArray<AssetState>> CompareAsync(ImmutableArray<AssetFile> files, ImmutableArray<Asset> there, CancellationToken ct)
    {
        var states = ImmutableArray.CreateBuilder<AssetState>(files.Length);
        foreach (var file in files)
        {
            states.Add(await CompareAsync(file, there.FirstOrDefault(asset => asset.Name == file.Name), ct));
        }

        return states.ToImmutable();
    }

    private async Task<AssetState> CompareAsync(AssetFile file, Asset? asset, CancellationToken ct) => asset switch
    {
        null => AssetState.Missing,
        { IsComplete: false } => AssetState.LeftOver,
        _ when asset.Size != file.Size => AssetState.Different,
        { Digest: { } digest } => digest == file.Digest ? AssetState.Same : AssetState.Different,

        // Assets from before GitHub computed digests (case 75).
        _ => await DownloadedAsync(asset, ct) == file.Digest ? AssetState.Same : AssetState.Different,
    };

    private async Task<Digest> DownloadedAsync(Asset asset, CancellationToken ct)
    {
        // A complete asset never changes under its id.
        if (!_downloaded.TryGetValue(asset.Id, out var digest))
        {
            Context.Reporter.Info($"GitHub tells no digest of {asset.Name}: downloading it to compare.");
            _downloaded[asset.Id] = digest = await releases.DigestOfAsync(asset, ct);
        }

        return digest;
    }

    /// <summary>Before the first upload: one conflict, and nothing is changed.</summary>
    private static void RefuseConflicts(UploadRequest request, ImmutableArray<AssetState> states)
    {
        var release = request.Release;
        var pairs = request.Files.Zip(states).ToList();
        if (release is { IsDraft: false, IsImmutable: true } && pairs.Find(pair => pair.Second is not AssetState.Same).First is { } lacking)
        {
            throw new ReleaseException(Fault.ReleaseImmutable, $"The release {release} is immutable and lacks {lacking.Name} as it is here. It can never be added.");
        }

        var different = pairs.Where(pair => pair.Second is AssetState.Different).Select(pair => pair.First).ToList();
        if (different.Count > 0 && !request.Replace)
        {
            throw new ReleaseException(Fault.AssetConflict, $"The release {release} has other bytes under the name {string.Join(", ", different.Select(file => $"{file.Name} (here {file.Digest})"))}. Nothing was changed.");
        }
    }

    private async Task<AssetReceipt> UploadAsync(UploadRequest request, AssetFile file, Asset? there, CancellationToken ct)
    {
        var (replaced, why) = (false, "");
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (attempt > 0)
            {
                Context.Reporter.Info($"uploading {file.Name}: {why.TrimEnd('.')}. Looking at what GitHub has.");
                await Task.Delay(Settle * attempt, Context.Time, ct);
                there = (await releases.AssetsAsync(request.Release.Id, ct)).FirstOrDefault(asset => asset.Name == file.Name);
            }

            switch (await CompareAsync(file, there, ct))
            {
                case AssetState.Same:
                    return new AssetReceipt(file, there!.Id, attempt is 0 ? AssetChange.None : replaced ? AssetChange.Replaced : AssetChange.Uploaded);
                case AssetState.Different:
                    // Looked at before the first upload; what is different now came in between, or is what was to be replaced.
                    await RemoveAsync(request, file, there!, ct);
                    replaced = true;
                    break;
                case AssetState.LeftOver:
                    await RemoveLeftOverAsync(there!, ct);
                    break;
            }

            FailPoint.At("github.upload");
            (there, why) = await releases.UploadAsync(request.Release, file, request.LabelOf(file), ct);
            if (there is not null && await CompareAsync(file, there, ct) is AssetState.Same)
            {
                FailPoint.At(string.Create(CultureInfo.InvariantCulture, $"github.uploaded.{Interlocked.Increment(ref _uploaded)}"));
                return new AssetReceipt(file, there.Id, replaced ? AssetChange.Replaced : AssetChange.Uploaded);
            }

            why = there is null ? why : $"GitHub stored {there.Size} bytes ({there.Digest}) as '{there.Name}' instead of {file.Size} ({file.Digest})";
        }

        throw new ReleaseException(Fault.RemoteFailed, $"uploading {file.Name}: {why.TrimEnd('.')} ({Attempts} attempts).")
        {
            Remedy = "Run the command again later; what is complete stays, and the release is not touched otherwise.",
        };
    }

    private async Task RemoveAsync(UploadRequest request, AssetFile file, Asset there, CancellationToken ct)
    {
        if (!request.Replace)
        {
            throw new ReleaseException(Fault.AssetConflict, $"Somebody else uploaded {file.Name} with other bytes ({there.Digest}) to {request.Release} in this moment.");
        }

        FailPoint.At("github.replace");
        Context.Reporter.Info($"Removing {there.Name} ({there.Digest}), which is to be replaced.");
        await releases.DeleteAssetAsync(there, ct);
    }

    /// <summary>Case 73. Only what is empty, and still so under the same id, is a left-over; anything else may be an upload on its way.</summary>
    private async Task RemoveLeftOverAsync(Asset there, CancellationToken ct)
    {
        await Task.Delay(Settle, Context.Time, ct);
        var now = await releases.FindAssetAsync(there.Id, ct);
        if (now is null or { IsComplete: true })
        {
            return;
        }

        if (now.Size > 0)
        {
            throw new ReleaseException(Fault.AssetConflict, $"GitHub has {now.Size} bytes of {now.Name} from an upload that did not end. Another upload may be on its way; nothing was removed.")
            {
                Remedy = "Wait for the other upload, or delete that file on the page of the draft, then run the command again.",
            };
        }

        FailPoint.At("github.left-over");
        Context.Reporter.Info($"Removing what a failed upload of {now.Name} left behind.");
        await releases.DeleteAssetAsync(now, ct);
    }

    /// <summary>The last word is the server's list, asked once more.</summary>
    private async Task ProveAsync(UploadRequest request, CancellationToken ct)
    {
        var states = await CompareAsync(request.Files, await releases.AssetsAsync(request.Release.Id, ct), ct);
        var wrong = request.Files.Zip(states).Where(pair => pair.Second is not AssetState.Same).Select(pair => $"{pair.First.Name} ({pair.Second})").ToList();
        if (wrong.Count > 0)
        {
            throw new ReleaseException(Fault.AssetConflict, $"After the upload the release {request.Release} does not have what was uploaded: {string.Join(", ", wrong)}.")
            {
                Remedy = "Somebody else changes this release. Find out who, then run the command again.",
            };
        }
    }
}
