using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

[TestClass]
public sealed class RebuildDiffTests(TestContext test)
{
    private static readonly RpmRecipe First = new("rebuilt") { Install = Install("one", "1700000000") };

    [TestMethod]
    public async Task Files_come_first_and_explain_the_digest_of_the_payload()
    {
        var lines = await DiffAsync(First with { Install = Install("two", "1700000000") });

        Assert.HasCount(1, lines, string.Join("\n", lines));
        Assert.MatchesRegex(@"^/usr/share/rebuilt/a: 0644 \S+ 4 bytes [0-9a-f]{12} -> 0644 \S+ 4 bytes [0-9a-f]{12}$", lines[0]);
    }

    [TestMethod]
    public async Task A_time_alone_counts() =>
        CollectionAssert.AreEqual(
            (string[])["/usr/share/rebuilt/a: time 2023-11-14 22:13:20 -> 2023-11-14 22:13:21"], await DiffAsync(First with { Install = Install("one", "1700000001") }));

    [TestMethod]
    public async Task Relations_scriptlets_and_tags_are_named()
    {
        var lines = await DiffAsync(First with { Preamble = "Requires: other\nPackager: Somebody", Rest = "%post\ntrue\n" + First.Rest });

        Assert.Contains("requires other: not there -> any", lines);
        Assert.Contains("tag PACKAGER: not there -> Somebody", lines);
        Assert.HasCount(1, lines.Where(line => line.StartsWith("%post: not there -> /bin/sh true", StringComparison.Ordinal)), string.Join('\n', lines));
        Assert.IsEmpty(lines.Where(line => line.Contains("PAYLOAD", StringComparison.Ordinal) || line.StartsWith("tag 1", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task The_host_is_named_and_nothing_is_said_of_a_package_and_itself()
    {
        Assert.Contains("tag BUILDHOST: builder.example.org -> elsewhere.example.org", await DiffAsync(First with { Macros = "_buildhost elsewhere.example.org" }));
        Assert.IsEmpty(await DiffAsync(First));
    }

    private static string Install(string content, string time) =>
        $"mkdir -p %{{buildroot}}/usr/share/rebuilt\necho {content} > %{{buildroot}}/usr/share/rebuilt/a\ntouch -d @{time} %{{buildroot}}/usr/share/rebuilt/a\ntouch -d @1 %{{buildroot}}/usr/share/rebuilt";

    private async Task<string[]> DiffAsync(RpmRecipe other)
    {
        var one = await RpmPackage.ReadAsync((await RpmFactory.BuildAsync(First)).Binary, test.CancellationToken);
        var two = await RpmPackage.ReadAsync((await RpmFactory.BuildAsync(other)).Binary, test.CancellationToken);
        return [.. RebuildDiff.Of(one, two)];
    }
}
