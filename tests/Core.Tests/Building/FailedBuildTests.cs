using DotnetRelease.Building;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class FailedBuildTests(TestContext test)
{
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_command_that_a_shell_is_given_is_the_builds_own()
    {
        string[] words = ["printf", "%s|", "--define", "_srcdefattr (0644,root,root)", "it's", "", "$HOME", "a\nb", "\"", "plain-1.0_x/y=z"];

        var outcome = await Exec.ReadAsync(new Command("sh", "-c", "eval \"$BUILD\"").With("BUILD", FailedBuild.Quote([.. words])), test.CancellationToken);

        Assert.AreEqual(string.Concat(words[2..].Select(word => word + "|")), outcome.Output);
    }
}
