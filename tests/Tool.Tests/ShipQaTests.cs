using DotnetRelease.Fixtures;

namespace DotnetRelease.Tool.Tests;

/// <summary>The gate of <c>[qa]</c>: nothing goes to users before a maintainer has signed for exactly these bytes.</summary>
[TestClass]
public sealed class ShipQaTests(TestContext test)
{
    private const int Patience = 240_000;
    private const string Statement = "qa/1.0.toml";

    private const string Settings = """
        [repository.qa]
        url = "file:srv/qa"

        [repository.prod]
        url = "file:srv/prod"
        promote-from = "qa"

        [qa]
        statement = "qa/{version}.toml"
        """;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_release_waits_for_its_testers_and_then_goes_on()
    {
        using var project = await ReadyAsync();

        // Nobody has to say yes to production before it is its turn.
        var waits = await project.RunAsync(Ct, "ship");
        Assert.AreEqual(4, waits.ExitCode, waits.Error);
        Assert.Contains("error REL9008", waits.Error, StringComparison.Ordinal);
        Assert.IsTrue(File.Exists(project["srv/qa/hello/local/repodata/repomd.xml"]));
        Assert.IsFalse(File.Exists(project["srv/prod/hello/local/repodata/repomd.xml"]));
        Assert.Contains("\"local/hello-1.0-1.noarch.rpm\" = \"", await File.ReadAllTextAsync(project[Statement], Ct), StringComparison.Ordinal);

        Fill(project);
        var unsigned = await project.RunAsync(Ct, "ship", "--resume", "--yes-to", "prod");
        await SignAsync(project, project.Key);
        var shipped = await project.RunAsync(Ct, "ship", "--resume", "--yes-to", "prod");

        Assert.AreEqual(4, unsigned.ExitCode);
        Assert.Contains("is not signed yet", unsigned.Error, StringComparison.Ordinal);
        Assert.AreEqual(0, shipped.ExitCode, shipped.Error);
        Assert.IsTrue(File.Exists(project["srv/prod/hello/local/repodata/repomd.xml"]));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("tag = \"v1.0\"", "tag = \"v1.1\"", "is about v1.1")]
    [DataRow(".noarch.rpm\" = \"", ".other.rpm\" = \"", "does not name local/hello-1.0-1.noarch.rpm")]
    [DataRow("tested = \"2026", "tested = \"2999", "in the future")]
    [DataRow("[packages]", "approved = true\n[packages]", "'approved' has no meaning")]
    public async Task A_statement_about_something_else_is_refused(string old, string now, string words)
    {
        using var project = await ReadyAsync();
        await project.RunAsync(Ct, "ship");
        Fill(project);
        var text = await File.ReadAllTextAsync(project[Statement], Ct);
        Assert.Contains(old, text, StringComparison.Ordinal);
        project.Write(Statement, text.Replace(old, now, StringComparison.Ordinal));
        await SignAsync(project, project.Key);

        var refused = await project.RunAsync(Ct, "ship", "--resume", "--yes-to", "prod");

        Assert.AreEqual(4, refused.ExitCode, refused.Error);
        Assert.Contains("error REL9009", refused.Error, StringComparison.Ordinal);
        Assert.Contains(words, refused.Error, StringComparison.Ordinal);
        Assert.IsFalse(File.Exists(project["srv/prod/hello/local/repodata/repomd.xml"]));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Who_is_not_on_the_list_or_signed_other_bytes_vouches_for_nothing(bool isStranger)
    {
        using var project = await ReadyAsync();
        await project.RunAsync(Ct, "ship");
        Fill(project);
        await SignAsync(project, isStranger ? await TestKey.Ed25519 : project.Key);
        if (!isStranger)
        {
            project.Write(Statement, await File.ReadAllTextAsync(project[Statement], Ct) + "# one more line\n");
        }

        var refused = await project.RunAsync(Ct, "ship", "--resume", "--yes-to", "prod");

        Assert.AreEqual(4, refused.ExitCode, refused.Error);
        Assert.Contains("error REL9009", refused.Error, StringComparison.Ordinal);
        Assert.IsFalse(File.Exists(project["srv/prod/hello/local/repodata/repomd.xml"]));
    }

    private static void Fill(ShipProject project) => project.Write(Statement, File.ReadAllText(project[Statement])
        .Replace("tester = \"\"", "tester = \"Bob\"", StringComparison.Ordinal)
        .Replace("tested = \"\"", "tested = \"2026-01-31T15:00:00Z\"", StringComparison.Ordinal));

    private async Task SignAsync(ShipProject project, TestKey key)
    {
        var signature = await key.Gpg.SignAsync(key.Fingerprint, await File.ReadAllBytesAsync(project[Statement], Ct), armor: true, Ct);
        await File.WriteAllBytesAsync(project[Statement + ".asc"], signature.ToArray(), Ct);
    }

    private async Task<ShipProject> ReadyAsync()
    {
        var project = await ShipProject.CreateAsync(await TestKey.Rsa, Settings);
        await project.TagAsync("v1.0");
        await project.BuildAsync(Ct);
        return project;
    }
}
