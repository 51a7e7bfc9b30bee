using System.Diagnostics;
using DotnetRelease.Fixtures;
using DotnetRelease.GitHub;

namespace DotnetRelease.Core.Tests.GitHub;

[TestClass]
public sealed class TokenSearchTests(TestContext test)
{
    private const string Token = "CANARY_token_file_0123456789";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    public async Task A_file_that_only_its_owner_can_read_gives_the_token()
    {
        using var scratch = new Scratch();
        var path = Written(scratch, Token + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var token = await new TokenSearch("github.com") { NamedFile = path }.FindAsync(Ct);

        Assert.AreEqual(Token, token!.Value);
        Assert.DoesNotContain(Token, token.ToString(), StringComparison.Ordinal);
        Assert.AreEqual("***", Redactor.Shared.Hide(Token), "the redactor knows it from now on");
    }

    [TestMethod]
    [DataRow(UnixFileMode.GroupRead)]
    [DataRow(UnixFileMode.OtherRead)]
    [DataRow(UnixFileMode.GroupWrite)]
    [DataRow(UnixFileMode.OtherWrite)]
    public async Task A_file_that_others_can_read_or_change_is_not_used(UnixFileMode more)
    {
        using var scratch = new Scratch();
        var path = Written(scratch, Token, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new TokenSearch("github.com") { NamedFile = path }.FindAsync(Ct));

        Assert.AreEqual((Fault.GitHubTokenUnusable, ExitCode.Environment), (failure.Fault, failure.Fault.Exit), "case 84");
        Assert.AreEqual($"chmod 600 '{path}'", failure.Remedy);
        Assert.DoesNotContain(Token, failure.ToString(), StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_file_of_another_user_is_not_used()
    {
        if (Environment.UserName is not "root")
        {
            Assert.Inconclusive("Only root can give a file to another user.");
        }

        using var scratch = new Scratch();
        var path = Written(scratch, Token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using (var chown = Process.Start("chown", ["12345", path]))
        {
            await chown.WaitForExitAsync(Ct);
        }

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new TokenSearch("github.com") { NamedFile = path }.FindAsync(Ct));

        Assert.Contains("belongs to another user (id 12345)", failure.Message, StringComparison.Ordinal, "case 84");
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("two words")]
    [DataRow("line\nline")]
    [DataRow("töken")]
    public async Task What_is_no_token_is_refused_without_being_shown(string text)
    {
        using var scratch = new Scratch();
        var path = Written(scratch, text, UnixFileMode.UserRead);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new TokenSearch("github.com") { NamedFile = path }.FindAsync(Ct));

        Assert.AreEqual(Fault.GitHubTokenUnusable, failure.Fault);
    }

    private static string Written(Scratch scratch, string text, UnixFileMode mode)
    {
        var path = scratch.Write("token", text);
        File.SetUnixFileMode(path, mode);
        return path;
    }
}
