using System.Text.RegularExpressions;
using DotnetRelease.Fixtures;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

[TestClass]
public sealed partial class LockAlarmTests
{
    private const string FromGit = "[package.source]\ntype = \"git\"\nurl = \"https://git.example/a\"\nreference = \"main\"\nresolved_reference = \"1111\"";
    private const string FromOtherGit = "[package.source]\ntype = \"git\"\nurl = \"https://evil.example/a\"\nreference = \"main\"\nresolved_reference = \"2222\"";
    private const string FromUrl = "[package.source]\ntype = \"url\"\nurl = \"https://files.example/a-1.zip\"";
    private const string FromIndex = "[package.source]\ntype = \"legacy\"\nurl = \"https://index.example/simple\"\nreference = \"x\"";

    [TestMethod]
    public void The_page_of_alarms_has_one_paragraph_for_each()
    {
        var page = Heading().Matches(File.ReadAllText(Checkout.At("docs", "alarms.md"))).Select(match => match.Groups["line"].Value);

        var catalogue = AlarmKind.All.Select(kind => $"{kind.Id} ({kind.SeverityWord}) {kind.Title}");
        Assert.AreEqual(string.Join('\n', catalogue), string.Join('\n', page));
        CollectionAssert.AreEqual(AlarmKind.All.Select(kind => kind.Id).Distinct().Order(StringComparer.Ordinal).ToList(), AlarmKind.All.Select(kind => kind.Id).ToList());
    }

    [TestMethod]
    public void A_file_with_another_digest_is_an_error_at_its_line()
    {
        var alarm = Alarms(Of("1", Wheel("a-1.whl", "good")), Of("1", Wheel("a-1.whl", "evil"))).Single();

        Assert.AreEqual((AlarmKind.FileRehashed, "a", "a-1.whl"), (alarm.Kind, alarm.Package, alarm.File));
        Assert.AreEqual("after.lock(7,31)", alarm.Position.ToString());
        Assert.IsTrue(alarm.Refuses);
        Assert.IsFalse((alarm with { Accepted = "looked at" }).Refuses);
    }

    [TestMethod]
    [DataRow("", "", "")]
    [DataRow("", FromGit, "REL1105")]
    [DataRow("", FromUrl, "REL1105")]
    [DataRow(FromIndex, FromGit, "REL1105")]
    [DataRow("", FromIndex, "REL1106")]
    [DataRow(FromGit, FromOtherGit, "REL1106")]
    [DataRow(FromGit, "", "REL1106")]
    public void Another_source_is_an_alarm_in_a_bump_and_without_one(string old, string now, string expected)
    {
        foreach (var version in new[] { "1", "2" })
        {
            var alarms = Alarms(Locks.Poetry(Locks.Package("a", "1", old)), Locks.Poetry(Locks.Package("a", version, now)));

            Assert.AreEqual(expected, Ids(alarms), $"1 -> {version}");
        }
    }

    [TestMethod]
    public void A_newer_commit_of_the_same_repository_is_a_bump_and_no_alarm_unless_the_version_stayed()
    {
        var newer = FromGit.Replace("1111", "3333", StringComparison.Ordinal);

        Assert.AreEqual("", Ids(Alarms(Locks.Poetry(Locks.Package("a", "1", FromGit)), Locks.Poetry(Locks.Package("a", "2", newer)))));
        Assert.AreEqual("REL1106", Ids(Alarms(Locks.Poetry(Locks.Package("a", "1", FromGit)), Locks.Poetry(Locks.Package("a", "1", newer)))));
    }

    [TestMethod]
    public void A_package_that_lost_all_digests_is_an_error_and_one_that_lost_a_file_a_warning()
    {
        var both = Of("1", Wheel("a-1.whl") + Wheel("a-1.zip"));

        var none = Alarms(both, Of("1", "")).Single();
        var one = Alarms(both, Of("1", Wheel("a-1.whl"))).Single();

        Assert.AreEqual((AlarmKind.DigestsGone, "1", true), (none.Kind, none.Version, none.Refuses));
        Assert.AreEqual((AlarmKind.FilesGone, "a-1.zip", false), (one.Kind, one.File, one.Refuses));
        Assert.AreEqual("", Ids(Alarms(both, Of("2", Wheel("a-2.whl")))), "a new version has other files");
    }

    [TestMethod]
    [DataRow("a==1 --hash=sha256:A --hash=sha256:B", "a==1 --hash=sha256:B --hash=sha256:C", "")]
    [DataRow("a==1 --hash=sha256:A", "a==2 --hash=sha256:B", "")]
    [DataRow("a==1 --hash=sha256:A --hash=sha256:B", "a==1 --hash=sha256:C", "REL1101")]
    public void Digests_without_names_may_not_all_be_other_ones(string old, string now, string expected)
    {
        static string Text(string line) => string.Join(' ', line.Split("sha256:").Select((part, i) => i is 0 ? part : $"sha256:{Locks.Hex(part[..1])}{part[1..]}")) + "\n";

        Assert.AreEqual(expected, Ids(Alarms(Text(old).Replace("= ", "=", StringComparison.Ordinal), Text(now).Replace("= ", "=", StringComparison.Ordinal))));
    }

    [TestMethod]
    public void A_downgrade_is_a_warning_at_the_package()
    {
        var alarm = Alarms(Locks.Poetry(Locks.Package("a", "6.10.0")), Locks.Poetry(Locks.Package("a", "6.9.3"))).Single();

        Assert.AreEqual((AlarmKind.Downgrade, "6.9.3", "after.lock(3,1)"), (alarm.Kind, alarm.Version, alarm.Position.ToString()));
        Assert.Contains("6.10.0 down to 6.9.3", alarm.Text, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Another_format_is_one_alarm_and_its_sources_are_not_compared()
    {
        Assert.AreEqual("REL1109", Ids(Alarms(Locks.Poetry(Locks.Package("a", "1")), Locks.Uv(Locks.UvPackage("a", "1")))));
        Assert.AreEqual("REL1108", Ids(Alarms(Locks.Poetry("2.1", []), Locks.Poetry("2.0", []))));
    }

    [TestMethod]
    [DataRow("2.2.1", "2.1.4", "REL1108")]
    [DataRow("2.10.0", "2.9.9", "REL1108")]
    [DataRow("2.9.9", "2.10.0", "")]
    [DataRow("and", "1.8.3", "")]
    [DataRow("2.2.1", "and", "")]
    public void An_older_tool_wrote_the_lock_although_its_format_stayed(string old, string now, string expected)
    {
        var alarms = Alarms(Locks.Poetry().Replace("2.2.1", old, StringComparison.Ordinal), Locks.Poetry().Replace("2.2.1", now, StringComparison.Ordinal));

        Assert.AreEqual(expected, Ids(alarms));
        Assert.IsTrue(alarms.All(alarm => alarm.Text == $"an older poetry wrote it: {now}, where {old} wrote the lock before."));
    }

    [TestMethod]
    public void A_revision_of_uv_that_goes_down_is_an_older_uv()
    {
        var newer = Locks.Uv();

        Assert.AreEqual("REL1108", Ids(Alarms(newer, newer.Replace("revision = 2\n", "", StringComparison.Ordinal))));
        Assert.AreEqual("", Ids(Alarms(newer.Replace("revision = 2", "revision = 1", StringComparison.Ordinal), newer)));
    }

    private static string Of(string version, string files) => Locks.Poetry(Locks.PackageOf("a", version, files));

    private static string Wheel(string name, string content = "x") => $"    {{file = \"{name}\", hash = \"sha256:{Locks.Hex(content)}\"}},\n";

    private static string Ids(IEnumerable<Alarm> alarms) => string.Join(' ', alarms.Select(alarm => alarm.Kind.Id));

    private static IReadOnlyCollection<Alarm> Alarms(string before, string after) =>
        LockDiff.Compare(LockfileReader.Read(before, "before.lock"), LockfileReader.Read(after, "after.lock")).Alarms;

    [GeneratedRegex(@"^### (?<line>REL.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();
}
