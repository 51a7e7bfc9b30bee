using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>The pieces of a pipeline, each in a folder of its own as jobs of a CI system have it: plan, build, collect.</summary>
[TestClass]
public sealed class CollectTests(TestContext test)
{
    private const int Patience = 120_000;
    private const string Binary = "hello-1.0-1.noarch.rpm";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_one_clone_planned_and_another_built_is_signed_in_a_third_one()
    {
        using var project = await ShipProject.CreateAsync(await TestKey.Rsa);
        using var elsewhere = new Scratch();
        var (plans, collects) = (elsewhere["plan"], elsewhere["collect"]);
        foreach (var clone in (string[])[plans, collects])
        {
            _ = await project.GitAsync("clone", "--quiet", project.Root, clone);
        }

        var plan = BuiltTool.Json(await RunAsync(project, plans, "plan", "--rpm", "hello", "--matrix", "github", "--json"));
        var cell = plan.GetProperty("matrix").GetProperty("include")[0];
        await project.BuildAsync(Ct);
        BuildArtefact(project, Path.Combine(collects, "downloaded", cell.GetProperty("name").GetString()!));

        var dry = await RunAsync(project, collects, "rpm", "collect", "downloaded", "--rpm", "hello", "--sign", "--dry-run");
        var collected = await RunAsync(project, collects, "rpm", "collect", "downloaded", "--rpm", "hello", "--sign", "--json");
        var verified = await RunAsync(project, collects, "verify", "dist/rpm", "--json");
        var again = await RunAsync(project, collects, "rpm", "--only", cell.GetProperty("id").GetString()!, "--json");

        Assert.AreEqual(0, dry.ExitCode, dry.Error);
        Assert.AreEqual(0, collected.ExitCode, collected.Error);
        var files = BuiltTool.Json(collected).GetProperty("results")[0].GetProperty("files").EnumerateArray().ToArray();
        Assert.HasCount(2, files);
        Assert.IsTrue(files.All(file => file.GetProperty("signed").GetString() == project.Key.Fingerprint));
        Assert.AreEqual(0, verified.ExitCode, verified.Error);
        Assert.IsTrue(BuiltTool.Json(verified).GetProperty("items").EnumerateArray().All(item => item.GetProperty("statement").GetProperty("rpm").GetString() is "hello"));
        Assert.AreEqual("up-to-date", BuiltTool.Json(again).GetProperty("results")[0].GetProperty("state").GetString(), again.Error);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_was_altered_between_two_jobs_is_not_signed()
    {
        using var project = await ShipProject.CreateAsync(await TestKey.Rsa);
        await project.BuildAsync(Ct);
        BuildArtefact(project, project["downloaded"]);
        var path = project[$"downloaded/local/{Binary}"];
        var bytes = await File.ReadAllBytesAsync(path, Ct);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Ct);

        var collected = await RunAsync(project, project.Root, "rpm", "collect", "downloaded", "--rpm", "hello", "--sign");

        Assert.AreEqual(4, collected.ExitCode, collected.Error);
        Assert.IsFalse(Directory.Exists(project["dist/rpm"]));
    }

    private Task<Outcome> RunAsync(ShipProject project, string folder, params string[] words) => Exec.RunAsync(project.ToolIn(folder, words), Ct);

    /// <summary>Takes away what a build left and puts it where a CI system would unpack it.</summary>
    private static void BuildArtefact(ShipProject project, string folder)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        Directory.Move(project["dist/rpm"], folder);
    }
}
