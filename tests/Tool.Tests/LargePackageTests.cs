using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>A package much larger than the memory that the tool may use.</summary>
[TestClass]
public sealed class LargePackageTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(300_000, CooperativeCancellation = true)]
    [DataRow("file")]
    [DataRow("ssh")]
    [DataRow("s3")]
    public async Task A_package_goes_to_every_store_without_being_held_in_memory(string store)
    {
        const string limit = "6000000";
        var recipe = new RpmRecipe("large")
        {
            Install = "mkdir -p %{buildroot}/usr/share/%{name}\nhead -c 256M /dev/zero > %{buildroot}/usr/share/%{name}/zeros",
            Macros = "_binary_payload w0.ufdio\n_source_payload w0.ufdio",
        };
        await using var world = await StoreWorld.StartAsync(store, [recipe], Ct);
        world.Offer(0);

        var published = await Exec.RunAsync(world.Tool("publish").With("DOTNET_GCHeapHardLimit", limit), Ct);

        Assert.AreEqual(0, published.ExitCode, published.Error);
        Assert.IsGreaterThan(256 * 1024 * 1024, new FileInfo(Directory.GetFiles(world.Results).Single()).Length);
        await using var client = new ClientLoop(world.ClientUrl, world.Keyring);
        await client.RoundAsync();
        Assert.AreEqual("", string.Join('\n', client.Problems));
    }
}
