using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.GitHub;

namespace DotnetRelease.Runs.Shipping;

/// <summary>One draft for the tag, found by our marker or made; only people who may write see it.</summary>
internal sealed class ShipDraft(ShipGitHub gitHub, ShipPlan plan) : ShipStep("draft")
{
    internal override bool IsOutward => true;

    internal override IEnumerable<string> Actions() => [$"make a draft for {plan.Tag.Name} of commit {plan.Tag.Commit ?? "(the tag's)"} in {plan.Settings.Project.GitHub}, unless there is one"];

    internal override async Task<StepView> LookAsync(CancellationToken ct) => await gitHub.FindAsync(ct) switch
    {
        null => StepView.Open("GitHub has no release of this tag"),
        var (release, _) when release.Marker?.Commit == plan.Tag.Commit => StepView.Done($"{release}"),
        var (release, _) => StepView.Open($"{release} does not say that it was made from this commit"),
    };

    internal override async Task<ImmutableArray<Fact>> DoAsync(CancellationToken ct)
    {
        await gitHub.EnsureDraftAsync(ct);
        return [];
    }
}

/// <summary>Uploads what is missing and compares every asset by its digest; nothing that is there is replaced.</summary>
internal sealed class ShipAssets(ShipGitHub gitHub, ShipPlan plan) : ShipStep("assets")
{
    internal override bool IsOutward => true;

    internal override IEnumerable<string> Actions() =>
    [
        $"write dist/{Checksums.FileName} and sign it",
        $"upload {string.Join(", ", plan.Settings.GitHub.Assets)}, {Checksums.FileName} and {Checksums.SignatureName}, where they are missing",
        "compare name, size and sha256 of every asset",
    ];

    internal override async Task<StepView> LookAsync(CancellationToken ct)
    {
        if (await gitHub.FindAsync(ct) is not var (_, assets))
        {
            return StepView.Open("there is no release to fill");
        }

        if (await gitHub.TryPlanAsync(ct) is not { Files: var files } wanted)
        {
            return StepView.Open("a file that belongs to it is not here yet");
        }

        var states = await gitHub.CompareAsync(files, assets, ct);
        var open = files.Zip(states).Where(pair => pair.Second is not AssetState.Same).Select(pair => pair.First.Name).Concat(MissingChecksums(wanted, assets)).ToList();
        return open is []
            ? StepView.Done($"{assets.Length} assets are there with these bytes") with { Facts = [.. files.Select(file => gitHub.FactOf(file.Name, file.Digest))] }
            : StepView.Open($"it lacks {string.Join(", ", open)}");
    }

    internal override async Task<ImmutableArray<Fact>> DoAsync(CancellationToken ct)
    {
        var receipt = await gitHub.UploadAsync(ct);
        return [.. receipt.Assets.Where(asset => asset.File.Name is not (Checksums.FileName or Checksums.SignatureName)).Select(asset => gitHub.FactOf(asset.File.Name, asset.File.Digest))];
    }

    /// <summary>Signing again gives other bytes, so of the signature only its presence counts here; the last step checks it.</summary>
    private IEnumerable<string> MissingChecksums(GitHubPlan wanted, ImmutableArray<Asset> assets)
    {
        var digest = Digest.Of(wanted.Checksums.ToBytes());
        if (!assets.Any(asset => asset is { Name: Checksums.FileName, IsComplete: true } && asset.Digest == digest))
        {
            yield return Checksums.FileName;
        }

        if (plan.Settings.Signing is not null && !assets.Any(asset => asset is { Name: Checksums.SignatureName, IsComplete: true }))
        {
            yield return Checksums.SignatureName;
        }
    }
}

/// <summary>Makes the release public: the last thing that changes anything.</summary>
internal sealed class ShipRelease(ShipGitHub gitHub, ShipPlan plan) : ShipStep("release")
{
    internal override bool IsOutward => true;

    internal override IEnumerable<string> Actions() => [$"compare tag {plan.Tag.Name} on GitHub with the commit, then publish the draft"];

    internal override async Task<StepView> LookAsync(CancellationToken ct) => await gitHub.FindAsync(ct) is var (release, _) && !release.IsDraft
        ? StepView.Done($"{release.Page} is public")
        : StepView.Open("it is not public yet");

    internal override async Task<ImmutableArray<Fact>> DoAsync(CancellationToken ct)
    {
        await gitHub.PublishAsync(ct);
        return [];
    }
}

/// <summary>Downloads everything without a token and compares it with the signed checksums. What was proven once for this plan is not downloaded again.</summary>
internal sealed class ShipCheck(ShipWorld world, ShipGitHub gitHub, ShipPlan plan) : ShipStep("check")
{
    internal override IEnumerable<string> Actions() => ["download every asset without a token and compare it with the signed checksums"];

    internal override Task<StepView> LookAsync(CancellationToken ct) => Task.FromResult(
        world.Ledger.Facts.Find(fact => fact is { Kind: FactKind.Released, IsObserved: false } && fact.Digest == plan.Digest) is { } released
            ? StepView.Done($"everything was downloaded and compared on {released.At:yyyy-MM-dd HH:mm}Z")
            : StepView.Open("nobody has downloaded it yet"));

    internal override async Task<ImmutableArray<Fact>> DoAsync(CancellationToken ct)
    {
        var report = await gitHub.VerifyAsync(ct);
        return report.IsGood ? [] : throw report.ToFault();
    }
}
