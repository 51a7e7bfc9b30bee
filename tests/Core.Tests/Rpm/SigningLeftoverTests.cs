using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

/// <summary>Cases 46 and 86: what a killed run left beside the packages.</summary>
[TestClass]
public sealed class SigningLeftoverTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000)]
    public async Task Copies_of_dead_runs_are_removed_and_said_and_those_of_living_ones_stay()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Ed25519;
        var rpm = scratch["x.rpm"];
        File.Copy((await RpmFactory.BuildAsync(new("leftover"))).Binary, rpm);
        await using var living = await GpgHome.CreateAsync(Ct);
        var (dead, alive, foreign) = (scratch[".unfinished-sign-0123456789ab-x"], scratch[$".unfinished-sign-{living.Name}-x"], scratch[".unfinished-other"]);
        foreach (var file in (string[])[dead, alive, foreign])
        {
            await File.WriteAllTextAsync(file, "half", Ct);
        }

        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
        await signer.SignAsync([rpm], Ct);

        CollectionAssert.AreEquivalent(new[] { rpm, alive, foreign }, Directory.GetFileSystemEntries(scratch.Root));
        CollectionAssert.Contains(signer.RemovedLeftovers.ToArray(), dead);
        Assert.DoesNotContain(alive, signer.RemovedLeftovers);
    }
}
