using System.Text.Json;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

[TestClass]
public sealed class ImageTests(TestContext test)
{
    private static readonly byte[] Base = OciContent.Tar("base", new string('b', 5000));

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000)]
    public async Task Images_are_pulled_through_a_mirror_listed_inspected_and_pruned()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        await using var mirror = new FakeRegistry();
        foreach (var each in new[] { registry, mirror })
        {
            each.Tag("1", each.Content.AddImage(Base, OciContent.Tar("a", "1")));
            each.Tag("2", each.Content.AddImage(Base, OciContent.Tar("a", "2")));
        }

        scratch.Write("release.toml", $"[project]\nname = \"p\"\n[registry.\"{registry.Host}\"]\nmirrors = [\"{mirror.Host}\"]\n");
        var (one, two) = ($"{registry.Host}/a:1", $"{registry.Host}/a:2");
        await RunAsync(scratch, "pull", one);
        await RunAsync(scratch, "pull", two);
        scratch.Write("release.lock", $"version = 1\n[images]\n\"{one}\" = \"{registry.Tags["1"]}\"\n");

        using var list = JsonDocument.Parse(await RunAsync(scratch, "list", "--json"));
        using var inspected = JsonDocument.Parse(await RunAsync(scratch, "inspect", one, "--json"));
        var foreseen = await RunAsync(scratch, "prune", "--days", "0", "--dry-run");
        foreach (var point in (string[])["image-prune.store", "image-prune.images"])
        {
            var killed = await Exec.RunAsync(BuiltTool.Command(scratch.Root, "image", "prune", "--days", "0").With("DOTNET_RELEASE_FAIL_AT", point), Ct);
            Assert.AreEqual(137, killed.ExitCode, $"{point} was not reached: {killed.Error}");
        }

        using var pruned = JsonDocument.Parse(await RunAsync(scratch, "prune", "--days", "0", "--json"));
        var left = await RunAsync(scratch, "list");

        Assert.IsTrue(registry.Requests.All(request => request.StartsWith("HEAD ", StringComparison.Ordinal)), string.Join('\n', registry.Requests));
        var images = list.RootElement.GetProperty("images").EnumerateArray().ToList();
        var shared = images[0].GetProperty("sharedSize").GetInt64();
        Assert.AreEqual(OciContent.Gzip(Base).Length, shared);
        Assert.AreEqual(images.Sum(image => image.GetProperty("size").GetInt64()) - shared, list.RootElement.GetProperty("size").GetInt64());
        var layers = inspected.RootElement.GetProperty("image").GetProperty("layers");
        Assert.StartsWith(two, layers[0].GetProperty("sharedWith")[0].GetString()!, StringComparison.Ordinal);
        Assert.AreEqual(0, layers[1].GetProperty("sharedWith").GetArrayLength());
        Assert.IsTrue(layers[0].GetProperty("downloaded").GetBoolean());
        Assert.IsFalse(layers[0].GetProperty("unpacked").GetBoolean());
        Assert.Contains($"would remove the image {two} (", foreseen, StringComparison.Ordinal);
        Assert.Contains("would remove 1 image with 0.0 MB of downloads, 0 unpacked layers", foreseen, StringComparison.Ordinal);
        Assert.AreEqual(two, pruned.RootElement.GetProperty("images")[0].GetProperty("reference").GetString());
        Assert.AreEqual(1, pruned.RootElement.GetProperty("images").GetArrayLength());
        Assert.Contains(one, left, StringComparison.Ordinal);
        Assert.DoesNotContain(two, left, StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(Scratch scratch, params string[] arguments)
    {
        var outcome = await Exec.RunAsync(BuiltTool.Command(scratch.Root, ["image", .. arguments]), Ct);
        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        return outcome.Output;
    }
}
