using DotnetRelease.Fixtures;

namespace DotnetRelease.Tool.Tests;

[TestClass]
public sealed class RpmDiffTests(TestContext test)
{
    [TestMethod]
    [Timeout(60_000)]
    public async Task Two_packages_are_compared_as_a_table_and_as_json()
    {
        var old = await RpmFactory.BuildAsync(new RpmRecipe("compared") { Preamble = "Requires: other >= 1" });
        var @new = await RpmFactory.BuildAsync(new RpmRecipe("compared", "1.1") { Preamble = "Requires: other >= 1, other < 2" });
        using var scratch = new Scratch();

        var text = await BuiltTool.RunAsync(scratch.Root, test.CancellationToken, "rpm", "diff", old.Binary, @new.Binary);
        var json = await BuiltTool.RunAsync(scratch.Root, test.CancellationToken, "rpm", "diff", old.Binary, @new.Binary, "--json");
        var missing = await BuiltTool.RunAsync(scratch.Root, test.CancellationToken, "rpm", "diff", old.Binary, "missing.rpm");

        Assert.AreEqual((0, 0, 2), (text.ExitCode, json.ExitCode, missing.ExitCode), text.Error + json.Error + missing.Error);
        Assert.StartsWith("compared-1.0-1.noarch -> compared-1.1-1.noarch: 2 differences\n", text.Output, StringComparison.Ordinal);
        Assert.Contains("changed (new upper bound)", text.Output, StringComparison.Ordinal);
        Assert.Contains("REL3216", text.Output, StringComparison.Ordinal);
        var alarm = BuiltTool.Json(json).GetProperty("alarms").EnumerateArray().Single();
        Assert.AreEqual(("REL3216", "warning", "other"), (alarm.GetProperty("id").GetString(), alarm.GetProperty("severity").GetString(), alarm.GetProperty("artifact").GetString()));
        var requires = BuiltTool.Json(json).GetProperty("differences").EnumerateArray().Single(one => one.GetProperty("area").GetString() is "requires");
        Assert.AreEqual((">= 1", "< 2, >= 1", true), (requires.GetProperty("old").GetString(), requires.GetProperty("new").GetString(), requires.GetProperty("newUpperBound").GetBoolean()));
    }
}
