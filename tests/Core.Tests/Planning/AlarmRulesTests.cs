using System.Collections.Immutable;
using DotnetRelease.Core.Tests.Specs;
using DotnetRelease.Lockfiles;
using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Planning;

[TestClass]
public sealed class AlarmRulesTests
{
    private const string Project = """
        [project]
        name = "p"
        lockfiles = ["poetry.lock"]
        [[rpm]]
        name = "python3-pyside6"
        follows = ["pyside6", "pyside6-addons", "pyside6-essentials", "shiboken6"]
        version-of = "pyside6"
        [target.fedora-43]
        image = "registry.example.org/fedora:43"
        [target.own]
        image = "rootfs:own.tar"
        arch = ["x86_64", "aarch64"]

        """;

    private static readonly DateOnly Today = new(2026, 3, 1);

    [TestMethod]
    public void A_family_that_moves_together_is_no_alarm()
    {
        Assert.AreEqual("", Ids(Of(Family("6.9.3", "6.9.3", "6.9.3", "6.9.3"), Family("6.10.1", "6.10.1", "6.10.1", "6.10.1"))));
        Assert.AreEqual("", Ids(Of(Family("6.9.3", "6.9.3", "6.9.3", "6.9.2"), Family("6.10.1", "6.10.1", "6.10.1", "6.9.2"))), "they were no family before");
    }

    [TestMethod]
    public void Who_stays_behind_a_family_is_named_with_the_others()
    {
        var alarm = Of(Family("6.9.3", "6.9.3", "6.9.3", "6.9.3"), Family("6.10.1", "6.10.1", "6.10.1", "6.9.3")).Single();

        Assert.AreEqual((AlarmKind.FamilyApart, "shiboken6", "6.9.3"), (alarm.Kind, alarm.Package, alarm.Version));
        Assert.AreEqual(
            "shiboken6 is 6.9.3, but pyside6, pyside6-addons, pyside6-essentials, which python3-pyside6 follows too, are 6.10.1; all were 6.9.3 before.", alarm.Text);
    }

    [TestMethod]
    [DataRow("pyside6-1-cp39-abi3-manylinux_2_42_x86_64.whl pyside6-1-cp39-abi3-manylinux_2_28_aarch64.whl", "")]
    [DataRow("pyside6-1-py3-none-any.whl", "")]
    [DataRow("pyside6-1-cp39-abi3-manylinux_2_28_x86_64.whl", "REL1111 own aarch64")]
    [DataRow("pyside6-1-cp39-abi3-manylinux_2_43_x86_64.whl pyside6-1-cp39-abi3-manylinux_2_99_aarch64.whl", "REL1112 fedora-43 glibc 2.42 and Python 3.14")]
    [DataRow("pyside6-1-cp313-cp313-manylinux_2_28_x86_64.whl pyside6-1-cp313-cp313-manylinux_2_28_aarch64.whl", "REL1112 fedora-43 glibc 2.42 and Python 3.14")]
    public void Wheels_have_to_run_on_every_target_as_far_as_it_is_known(string files, string expected)
    {
        var alarms = Of([], [SpecTexts.Wheels("pyside6", "1", files.Split(' '))]);

        Assert.AreEqual(expected.Split(' ')[0], Ids(alarms));
        foreach (var alarm in alarms)
        {
            Assert.Contains(expected.Split(' ')[1], alarm.Text, StringComparison.Ordinal);
            Assert.Contains(expected.Split(' ', 3)[2], alarm.Text, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void Of_several_locked_versions_one_that_runs_is_enough()
    {
        var old = SpecTexts.Wheels("pyside6", "1", "pyside6-1-cp39-cp39-manylinux_2_28_x86_64.whl");
        var now = SpecTexts.Wheels("pyside6", "2", "pyside6-2-cp314-cp314-manylinux_2_28_x86_64.whl", "pyside6-2-cp314-cp314-manylinux_2_28_aarch64.whl");

        Assert.AreEqual("", Ids(Of([], [now, old])));
        Assert.AreEqual("REL1112 REL1111", Ids(Of([], [old])));
    }

    [TestMethod]
    public void The_settings_say_what_a_target_has()
    {
        var settings = Project + "glibc = \"2.36\"\npython = \"3.11\"\n";

        var alarms = Of([], [SpecTexts.Wheels("pyside6", "1", "pyside6-1-cp39-abi3-manylinux_2_38_x86_64.whl", "pyside6-1-cp311-cp311-manylinux_2_28_aarch64.whl")], settings);

        var alarm = alarms.Single();
        Assert.AreEqual(AlarmKind.WheelTooNew, alarm.Kind);
        Assert.Contains("own, which has glibc 2.36 and Python 3.11; for x86_64 it has pyside6-1-cp39-abi3-manylinux_2_38_x86_64.whl", alarm.Text, StringComparison.Ordinal);
    }

    [TestMethod]
    public void With_a_source_archive_only_a_loss_is_an_alarm()
    {
        const string archive = "pyside6-1.tar.gz", wheel = "pyside6-1-cp39-abi3-manylinux_2_28_x86_64.whl", other = "pyside6-1-cp39-abi3-win_amd64.whl";

        Assert.AreEqual("", Ids(Of([], [SpecTexts.Wheels("pyside6", "1", archive, other)])));
        Assert.AreEqual("REL1111 REL1111", Ids(Of([SpecTexts.Wheels("pyside6", "0", archive, wheel)], [SpecTexts.Wheels("pyside6", "1", archive, other)])), "two targets had x86_64");
    }

    [TestMethod]
    [DataRow("", false)]
    [DataRow("version = '6.9.3'", false)]
    [DataRow("until = 2026-03-01", false)]
    [DataRow("version = '6.9.2'", true)]
    [DataRow("file = 'x.whl'", true)]
    [DataRow("until = 2026-02-28", true)]
    public void An_acceptance_counts_for_what_it_says_and_as_long_as_it_says(string more, bool refuses)
    {
        var settings = $"{Project}[[accept]]\nid = 'REL1110'\npackage = 'Shiboken6'\nreason = 'looked at it'\n{more}\n";

        var alarm = Of(Family("6.9.3", "6.9.3", "6.9.3", "6.9.3"), Family("6.10.1", "6.10.1", "6.10.1", "6.9.3"), settings).Single();

        Assert.AreEqual(refuses, alarm.Refuses);
        Assert.AreEqual(refuses ? null : "looked at it", alarm.Accepted);
        Assert.AreEqual(more.StartsWith("until = 2026-02", StringComparison.Ordinal), alarm.Text.EndsWith("accepted until 2026-02-28 at release.toml(13,1).", StringComparison.Ordinal));
    }

    [TestMethod]
    public void An_acceptance_that_nothing_needs_is_an_alarm_at_its_line()
    {
        var accepted = Settings.Parse($"{Project}[[accept]]\nid = 'REL1101'\npackage = 'pyside6'\nversion = '6.9.3'\nreason = 'x'\n", "release.toml").Accepted;

        var alarm = AlarmJudge.Unused([], accepted).Single();

        Assert.AreEqual((AlarmKind.AcceptanceUnused, "release.toml(13,1)", false), (alarm.Kind, alarm.Position.ToString(), alarm.Refuses));
        Assert.StartsWith("REL1101 of pyside6 6.9.3 is accepted here", alarm.Text, StringComparison.Ordinal);
        Assert.IsEmpty(AlarmJudge.Unused([], [accepted[0] with { Kind = AlarmKind.TooYoung }, accepted[0] with { Kind = AlarmKind.FileSetuid }]), "nobody may have asked");
    }

    [TestMethod]
    [DataRow("id = 'REL1111'\npackage = 'a'", "'accept[0]' has no key 'reason'.")]
    [DataRow("id = 'REL1111'\nreason = 'x'", "'accept[0]' has no key 'package'.")]
    [DataRow("id = 'REL1111'\npackage = 'a'\nreason = ' '", "must not be empty")]
    [DataRow("id = 'REL1199'\npackage = 'a'\nreason = 'x'", "must be the id of an alarm, found 'REL1199'")]
    [DataRow("id = 'REL1115'\npackage = 'a'\nreason = 'x'", "must be the id of an alarm")]
    [DataRow("id = 'REL1100'\npackage = 'a'\nreason = 'x'", "must be the id of an alarm")]
    [DataRow("id = 'REL1109'\npackage = 'a'\nreason = 'x'", "is about a lock as a whole")]
    [DataRow("id = 'REL1101'\npackage = 'a'\nreason = 'x'\nversions = '1'", "'accept[0].versions' is no setting")]
    [DataRow("id = 'REL1101'\npackage = 'a'\nreason = 'x'\n[[accept]]\nid = 'REL1101'\npackage = 'a'\nreason = 'y'", "a second time; the first is at release.toml(13,1)")]
    public void What_could_silence_more_than_was_meant_is_refused(string table, string message)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => Settings.Parse($"{Project}[[accept]]\n{table}\n", "release.toml"));

        Assert.Contains(message, ex.Message, StringComparison.Ordinal);
        Assert.IsGreaterThan(12, ex.Position!.Value.Line);
    }

    [TestMethod]
    [DataRow("2026-02-23T23:59:59Z", "")]
    [DataRow("2026-02-24T00:00:00Z", "REL1113")]
    [DataRow("2026-03-01T12:00:00+02:00", "REL1113")]
    [DataRow("", "")]
    public void A_version_has_to_be_as_old_as_the_cooldown_asks_where_the_lock_tells(string uploaded, string expected)
    {
        var settings = Project.Replace("name = \"p\"", "name = \"p\"\ncooldown = 6", StringComparison.Ordinal);
        var wheels = SpecTexts.Wheels("other", "2", "other-2-py3-none-any.whl", "other-2-py2-none-any.whl");
        var time = uploaded is "" ? (DateTimeOffset?)null : DateTimeOffset.Parse(uploaded, System.Globalization.CultureInfo.InvariantCulture);
        wheels = wheels with { Files = [wheels.Files[0] with { UploadedAt = time?.AddYears(-1) }, wheels.Files[1] with { UploadedAt = time }] };

        Assert.AreEqual(expected, Ids(Of([SpecTexts.Wheels("other", "1")], [wheels], settings)));
        Assert.AreEqual("", Ids(Of([wheels], [wheels], settings)), "it was there before");
        Assert.AreEqual("", Ids(Of([], [wheels])), "no cooldown");
    }

    [TestMethod]
    public void Only_the_age_of_followed_packages_is_asked_for()
    {
        var rules = new AlarmRules(Settings.Parse(Project.Replace("name = \"p\"", "name = \"p\"\ncooldown = 6", StringComparison.Ordinal), "release.toml"), Today);
        var after = PlanWorld.Lock([SpecTexts.Wheels("other", "1"), SpecTexts.Wheels("shiboken6", "1"), SpecTexts.Wheels("pyside6", "1")]);

        var open = AgeAlarms.OpenQuestions(rules, PlanWorld.Lock([SpecTexts.Wheels("pyside6", "1")]), after);

        Assert.AreEqual("shiboken6", open.Single().Name);
        Assert.AreEqual("REL1114", Ids(AgeAlarms.Of(rules, open[0], null)));
    }

    [TestMethod]
    [DataRow("glibc = 2.3")]
    [DataRow("python = '3'")]
    [DataRow("python = '3.x'")]
    public void A_version_of_two_numbers_is_written_in_quotes(string line) =>
        Assert.AreSame(Fault.SettingsInvalid, Assert.ThrowsExactly<ReleaseException>(() => Settings.Parse($"{Project}{line}\n", "release.toml")).Fault);

    private static ImmutableArray<LockedPackage> Family(params string[] versions) =>
    [
        .. new[] { "pyside6", "pyside6-addons", "pyside6-essentials", "shiboken6" }
            .Zip(versions, (name, version) => SpecTexts.Wheels(name, version, $"{name.Replace('-', '_')}-{version}-py3-none-any.whl")),
    ];

    private static string Ids(IEnumerable<Alarm> alarms) => string.Join(' ', alarms.Select(alarm => alarm.Kind.Id));

    private static ImmutableArray<Alarm> Of(ImmutableArray<LockedPackage> old, ImmutableArray<LockedPackage> now, string settings = Project)
    {
        var (before, after) = (PlanWorld.Lock(old), PlanWorld.Lock(now));
        return new AlarmRules(Settings.Parse(settings, "release.toml"), Today).Of(new LockDiff([], []), before, after);
    }
}
