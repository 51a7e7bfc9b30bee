using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

[TestClass]
public sealed class RpmScriptletTests
{
    private const int Patience = 120_000;

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("%pre\ntrue\n", "%pre")]
    [DataRow("%post -p /sbin/ldconfig\n", "%post")]
    [DataRow("%post -p <lua>\nprint('x')\n", "%post")]
    [DataRow("%preun\ntrue\n%postun\ntrue\n", "%preun %postun")]
    [DataRow("%pretrans -p <lua>\nprint('x')\n%posttrans\ntrue\n", "%pretrans %posttrans")]
    [DataRow("%verifyscript\ntrue\n", "%verifyscript")]
    [DataRow("%triggerin -- glibc\ntrue\n", "%trigger")]
    [DataRow("%triggerun -p <lua> -- bash\nprint('x')\n", "%trigger")]
    [DataRow("%triggerprein -- bash\ntrue\n%triggerpostun -- bash\ntrue\n", "%trigger")]
    [DataRow("%filetriggerin -- /usr/lib\ntrue\n", "%filetrigger")]
    [DataRow("%filetriggerpostun -- /usr/lib\ntrue\n", "%filetrigger")]
    [DataRow("%transfiletriggerin -- /usr/lib\ntrue\n", "%transfiletrigger")]
    [DataRow("", "")]
    public async Task What_rpm_says_a_package_runs_is_found_in_its_header(string scripts, string expected)
    {
        var built = await RpmFactory.BuildAsync(new RpmRecipe("scripted") { Rest = $"{scripts}\n%changelog\n* Thu Nov 20 2025 A Tester <a@example.org> - 1.0-1\n- First.\n" });

        var found = RpmScriptlet.In(await RpmPackage.ReadAsync(built.Binary, CancellationToken.None));
        var judge = await Exec.ReadAsync(new Command("rpm", "-qp", "--nosignature", "--scripts", "--triggers", "--filetriggers", built.Binary), CancellationToken.None);

        Assert.AreEqual(expected, string.Join(' ', found));
        Assert.AreEqual(judge.Output.Trim().Length is 0, found.IsEmpty, judge.Output);
    }
}
