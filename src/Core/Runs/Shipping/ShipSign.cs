using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs.Shipping;

/// <summary>Signs what is not well signed yet; what is, stays byte-identical.</summary>
/// <param name="world">Where.</param>
/// <param name="key">Fingerprint, as the settings have it.</param>
/// <param name="files">What there is to sign.</param>
internal sealed class ShipSign(ShipWorld world, string key, ShipFiles files) : ShipStep("sign")
{
    internal override IEnumerable<string> Actions() => [$"sign every package with {key}, check each in a throw-away keyring"];

    internal override async Task<StepView> LookAsync(CancellationToken ct)
    {
        if (await files.FindAsync(ct) is not { } there)
        {
            return StepView.Open("not everything is built");
        }

        var found = await RpmSigner.PreviewAsync(world.Gpg, key, [.. there.Select(file => file.Path)], ct);
        return found.Count(one => !one.Verdict.IsGood) switch
        {
            0 => StepView.Done($"{there.Length} packages are signed by {key}"),
            var some => StepView.Open($"{some} of {there.Length} packages are not signed by {key}"),
        };
    }

    internal override async Task<ImmutableArray<Fact>> DoAsync(CancellationToken ct)
    {
        var there = await files.TakeAsync(ct);
        await using var signer = await RpmSigner.OpenAsync(world.Gpg, key, ct);
        foreach (var leftover in signer.RemovedLeftovers)
        {
            world.Reporter.Info($"removed '{leftover}', which a killed run left");
        }

        var signed = await signer.SignAsync([.. there.Select(file => file.Path)], ct);
        files.Forget();
        return
        [
            .. from pair in there.Zip(signed)
               where pair.Second.IsNew
               let file = pair.Second.Rpm.File
               select Fact.Of(FactKind.Signed, file.Nevra, file.Sha256) with
               {
                   Target = pair.First.Target,
                   Where = Path.GetRelativePath(world.Workspace.Folder, file.Path),
                   Details = ImmutableSortedDictionary<string, string>.Empty.Add("key", pair.Second.Rpm.Signature.PrimaryFingerprint),
               },
        ];
    }
}
