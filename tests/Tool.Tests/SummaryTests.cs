using DotnetRelease.Fixtures;

namespace DotnetRelease.Tool.Tests;

[TestClass]
public sealed class SummaryTests(TestContext test)
{
    private const int Patience = 60_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Arrays_are_tables_what_is_inside_names_its_owner_and_digests_are_short()
    {
        using var scratch = new Scratch();
        scratch.Write("result.json", $$"""
            {"schema":1,"ok":true,"results":[
              {"rpm":"a","target":"x","state":"built","files":[{"nevra":"a-1-1.noarch","sha256":"{{Digest.Of("a").Hex}}","signed":null}],"seconds":{"build":1.5} },
              {"rpm":"b","target":"x","state":"failed","files":[],"error":{"id":"REL3102","text":"no | pipe"} }]}
            """);

        var outcome = await BuiltTool.RunAsync(scratch.Root, Ct, "summary", "result.json", "--format", "markdown");

        Assert.AreEqual(
            $"""
            - ok: true

            ### results

            | rpm | target | state | error |
            | --- | --- | --- | --- |
            | a | x | built |  |
            | b | x | failed | REL3102: no \| pipe |

            ### files

            | of | nevra | sha256 | signed |
            | --- | --- | --- | --- |
            | a | a-1-1.noarch | {Digest.Of("a").Hex[..12]}… |  |
            """,
            outcome.Output.TrimEnd());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("")]
    [DataRow("[1]")]
    [DataRow("{")]
    [DataRow("Nothing to build.")]
    public async Task What_is_no_result_ends_with_2(string text)
    {
        using var scratch = new Scratch();
        scratch.Write("result.json", text);

        var outcome = await BuiltTool.RunAsync(scratch.Root, Ct, "summary", "result.json");

        Assert.AreEqual((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("error REL0007", outcome.Error, StringComparison.Ordinal);
    }
}
