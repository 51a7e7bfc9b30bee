using DotnetRelease.Fixtures;

namespace DotnetRelease.Distro.Tests.Building;

[TestClass]
public sealed class DynamicRequirementTests(TestContext test)
{
    private const int Patience = 300_000;
    private const string Logs = ".release/logs/probe-local-x86_64";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_the_spec_asks_for_while_it_builds_is_installed_once_and_kept()
    {
        using var project = await BuildProject.OfSpecAsync("""
            %generate_buildrequires
            echo fixture-checks

            %install
            mkdir -p %{buildroot}

            %check
            fixture-checks %{buildroot}

            %files
            """);

        await project.BuildAsync(Ct, "probe");
        var first = LogNames(project);
        Directory.Delete(project["dist"], recursive: true);
        Directory.Delete(project[".release/logs"], recursive: true);
        await project.BuildAsync(Ct, "probe");

        CollectionAssert.AreEqual((string[])["requirements", "prepare", "requirements", "build"], first[^4..]);
        CollectionAssert.AreEqual((string[])["requirements", "requirements", "build"], LogNames(project), "The second time nothing had to be installed.");
        CollectionAssert.AreEqual((string[])["digests SIGNATURES NOT OK"], await RpmJudge.CheckAsync([Path.Combine(project.Results, "probe-1.0-1.deb12.noarch.rpm")]));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_nobody_has_is_named()
    {
        using var project = await BuildProject.OfSpecAsync("%generate_buildrequires\necho 'no-such-thing-either > 2'\n\n%files\n");

        var outcome = await project.RunAsync(Ct, "rpm", "probe");

        Assert.AreEqual(7, outcome.ExitCode, outcome.Error);
        Assert.Contains("error REL3101", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("no-such-thing-either > 2", outcome.Error, StringComparison.Ordinal);
        Assert.IsEmpty(project.ResultNames());
    }

    private static string[] LogNames(BuildProject project) =>
        [.. Directory.EnumerateFiles(project[Logs]).Order(StringComparer.Ordinal).Select(path => Path.GetFileNameWithoutExtension(path)[3..])];
}
