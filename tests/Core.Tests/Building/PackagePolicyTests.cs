using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class PackagePolicyTests(TestContext test)
{
    private const string Log = "%changelog\n* Thu Nov 20 2025 Alice <alice@project.invalid> - 1.0-1\n- First.\n";

    private static readonly RpmRecipe Good = new("judged") { Rest = Log };

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_package_without_defects_raises_nothing_and_neither_does_its_source()
    {
        var built = await RpmFactory.BuildAsync(Good);

        Assert.IsEmpty(await AlarmsAsync(built.Binary, ".fc43"));
        Assert.IsEmpty(await AlarmsAsync(built.Source, ".fc43"));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Each_seeded_defect_is_found_once_with_its_path()
    {
        var built = await RpmFactory.BuildAsync(Good with
        {
            Install = """
                mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/lib/python3.11/site-packages/x %{buildroot}/etc/secret %{buildroot}/var/lib/drop %{buildroot}/usr/share/open %{buildroot}/usr/share/shut %{buildroot}/var/lib/shut %{buildroot}/usr/share/man/man1 %{buildroot}/usr/share/locale/de/LC_MESSAGES
                for f in closed open setuid mighty fine; do echo $f > %{buildroot}/usr/bin/$f; done
                echo key > %{buildroot}/etc/secret/key
                ln -s /build/BUILD/x/fine %{buildroot}/usr/bin/astray
                ln -s fine %{buildroot}/usr/bin/link
                """,
            Files = """
                %dir /usr/bin
                %dir /usr/lib/python3.11/site-packages
                /usr/lib/python3.11/site-packages/x
                %attr(0600,root,root) /usr/bin/closed
                %attr(0666,root,root) /usr/bin/open
                %attr(4755,root,root) /usr/bin/setuid
                %attr(0755,root,root) /usr/bin/fine
                %attr(0755,root,root) %caps(cap_net_raw=ep) /usr/bin/mighty
                %dir %attr(0750,root,root) /usr/share/shut
                %dir %attr(0700,root,root) /var/lib/shut
                %dir /usr/share/man/man1
                %dir /usr/share/locale/de/LC_MESSAGES
                /usr/bin/astray
                /usr/bin/link
                %attr(0600,root,root) /etc/secret/key
                %dir %attr(1777,root,root) /var/lib/drop
                %dir %attr(0777,root,root) /usr/share/open
                """,
            Rest = "%post\necho /build/BUILDROOT/x\n" + Log,
        });

        var alarms = await AlarmsAsync(built.Binary, ".fc43");

        CollectionAssert.AreEquivalent(
            (string[])
            [
                "REL3202 /usr/bin/closed", "REL3203 /usr/bin/open", "REL3203 /usr/share/open", "REL3204 /usr/bin/setuid", "REL3205 /usr/bin",
                "REL3202 /usr/share/shut", "REL3204 /usr/bin/mighty", "REL3205 /usr/share/man/man1", "REL3205 /usr/share/locale/de/LC_MESSAGES",
                "REL3205 /usr/lib/python3.11/site-packages", "REL3206 /usr/bin/astray", "REL3206 %post",
            ],
            alarms.Select(alarm => $"{alarm.Kind.Id} {alarm.File}").ToList());
        Assert.IsTrue(alarms.All(alarm => alarm is { Package: "judged", Version: "1.0", Refuses: true, Position.File: "judged.spec" }));
    }

    [TestMethod]
    [Timeout(60_000)]
    [DataRow("", "it has no change log")]
    [DataRow("%changelog\n* Thu Nov 20 2025 John Doe <packager@example.com> - 1.0-1\n- First.\n", "is a template")]
    [DataRow("%changelog\n* Thu Nov 20 2025 Alice <alice@project.invalid> - 0.9-1\n- First.\n", "is about 0.9-1, but this is 1.0")]
    public async Task A_change_log_that_nobody_wrote_is_told(string rest, string says)
    {
        var built = await RpmFactory.BuildAsync(Good with { Rest = rest });

        foreach (var file in (string[])[built.Binary, built.Source])
        {
            var alarm = (await AlarmsAsync(file, null)).Single();
            Assert.AreEqual(AlarmKind.ChangelogUnreal, alarm.Kind);
            Assert.Contains(says, alarm.Text, StringComparison.Ordinal);
            Assert.IsFalse(alarm.Refuses);
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    [DataRow(".fc43", null)]
    [DataRow(".fc42", "REL3201")]
    [DataRow(null, null)]
    public async Task The_release_has_to_be_of_the_targets_distro(string? dist, string? expected)
    {
        var built = await RpmFactory.BuildAsync(Good with { Release = "1.fc43" });

        Assert.AreEqual(expected, (await AlarmsAsync(built.Binary, dist)).SingleOrDefault()?.Kind.Id);
    }

    private async Task<List<Alarm>> AlarmsAsync(string path, string? dist) =>
        [.. new PackagePolicy(await RpmPackage.ReadAsync(path, Ct), new SourcePosition("judged.spec"), dist).Alarms()];
}
