using DotnetRelease.Fixtures;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

[TestClass]
public sealed class NuGetLockTests
{
    private static readonly string Hash = Base64('a');

    [TestMethod]
    public void A_lock_that_dotnet_wrote_is_read_completely()
    {
        var path = Checkout.At("src", "Core", "packages.lock.json");

        var read = LockfileReader.Read(File.ReadAllBytes(path), "packages.lock.json");

        var package = read.Packages.Single(package => package.Name == "nuget.versioning");
        Assert.AreEqual(("nuget", "2", "nuget"), (read.Format, read.FormatVersion, read.Ecosystem.Name));
        Assert.AreEqual("NuGet.Versioning net10.0", $"{package.WrittenName} {package.Markers.Single()}");
        Assert.AreEqual($"nuget.versioning.{package.Version}.nupkg", package.Files.Single().Name);
        Assert.AreEqual((LockDigestKind.Sha512, 128), (package.Files[0].Digest.Kind, package.Files[0].Digest.Hex.Length));
        Assert.Contains("\"NuGet.Versioning\"", File.ReadAllLines(path)[package.Position.Line - 1], StringComparison.Ordinal);
        Assert.IsEmpty(read.Warnings);
    }

    [TestMethod]
    public void A_package_of_several_frameworks_is_one_and_projects_are_none()
    {
        var read = Read($$"""
            { "version": 1, "dependencies": {
              "net8.0": { "A.B": { "type": "Direct", "resolved": "1.0.0", "contentHash": "{{Hash}}" }, "mine": { "type": "Project" } },
              "net10.0/linux-x64": { "A.B": { "type": "Transitive", "resolved": "1.0.0", "contentHash": "{{Hash}}" } },
              "net4": { "A.B": { "type": "Direct", "resolved": "0.9.0", "contentHash": "{{Hash}}" } } } }
            """);

        Assert.AreEqual(
            "a.b 1.0.0 net8.0 net10.0/linux-x64|a.b 0.9.0 net4",
            string.Join('|', read.Packages.Select(package => $"{package.Name} {package.Version} {string.Join(' ', package.Markers)}")));
    }

    [TestMethod]
    [DataRow("1.0.0", "1.0.1", LockChangeKind.Upgraded)]
    [DataRow("1.9.0", "1.10.0", LockChangeKind.Upgraded)]
    [DataRow("1.0.0-beta.2", "1.0.0-beta.11", LockChangeKind.Upgraded)]
    [DataRow("1.0.0-rc.1", "1.0.0", LockChangeKind.Upgraded)]
    [DataRow("1.2.3", "1.2.3.4", LockChangeKind.Upgraded)]
    [DataRow("2.0.0", "2.0.0-preview1", LockChangeKind.Downgraded)]
    [DataRow("1.0.0+a", "1.0.0+b", LockChangeKind.Changed)]
    public void Versions_are_ordered_as_NuGet_orders_them(string old, string now, LockChangeKind kind) =>
        Assert.AreEqual(kind, LockDiff.Compare(Read(One(old, Hash)), Read(One(now, Hash))).Changes.Single().Kind);

    [TestMethod]
    public void Another_content_of_the_same_version_is_an_alarm()
    {
        var alarm = LockDiff.Compare(Read(One("1.0.0", Hash)), Read(One("1.0.0", Base64('b')))).Alarms.Single();

        Assert.AreEqual((AlarmKind.FileRehashed, "a.b", "a.b.1.0.0.nupkg"), (alarm.Kind, alarm.Package, alarm.File));
    }

    [TestMethod]
    public void A_weaker_kind_of_digest_for_the_same_file_is_an_alarm_and_no_other_content()
    {
        var strong = Read(One("1.0.0", Hash));
        var weak = strong with { Packages = [strong.Packages[0] with { Files = [strong.Packages[0].Files[0] with { Digest = Digest.Of("x") }] }] };

        var alarm = LockDiff.Compare(strong, weak).Alarms.Single();

        Assert.AreEqual((AlarmKind.DigestWeaker, "a.b.1.0.0.nupkg", true), (alarm.Kind, alarm.File, alarm.Refuses));
        Assert.IsEmpty(LockDiff.Compare(weak, strong).Alarms, "a stronger one is welcome");
    }

    [TestMethod]
    [DataRow("{", "(1,2)", "Expected a name in quotes")]
    [DataRow("{}", "(1,1)", "neither npm's lockfileVersion, NuGet's version")]
    [DataRow("""{ "version": 3, "dependencies": {} }""", "(1,14)", "'version' is 3")]
    [DataRow("""{ "version": 1, "version": 1, "dependencies": {} }""", "(1,17)", "The key 'version' is already set at l.json(1,3)")]
    [DataRow("""{ "version": 1, "dependencies": { "net8.0": { "A": { "resolved": "1" } } } }""", "(1,52)", "has no key 'contentHash'")]
    [DataRow("""{ "version": 1, "dependencies": { "net8.0": { "A": { "resolved": "1", "contentHash": "QUJD" } } } }""", "(1,86)", "must have the 64 bytes of a sha512 in base64, found 'QUJD'")]
    [DataRow("""{ "version": 1, "dependencies": { "net8.0": { "../A": { "resolved": "1" } } } }""", "(1,47)", "must have a package name of nuget")]
    [DataRow("""{ "version": 1, "dependencies": { "net8.0": { "A": { "resolved": "1/..", "contentHash": "" } } } }""", "(1,66)", "must be a version")]
    [DataRow("""{ "version": 1, "dependencies": { "net8.0": { "A": { "resolved": "\ud800", "contentHash": "" } } } }""", "(1,67)", "Half a surrogate pair")]
    [DataRow("""{ "version": 1, "dependencies": {} } x""", "(1,38)", "Expected the end of the file")]
    public void A_malformed_lock_is_refused_with_its_place(string text, string place, string message)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => Read(text));

        Assert.AreEqual($"l.json{place}", ex.Position.ToString());
        Assert.Contains(message, ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void The_same_version_with_two_contents_in_one_lock_is_refused_with_both_places()
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => Read($$"""
            { "version": 1, "dependencies": {
            "a": { "A": { "resolved": "1.0.0", "contentHash": "{{Hash}}" } },
            "b": { "A": { "resolved": "1.0.0", "contentHash": "{{Base64('b')}}" } } } }
            """));

        Assert.AreEqual("l.json(3,51)", ex.Position.ToString());
        Assert.Contains("at l.json(2,51)", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Nesting_bad_bytes_and_a_mark_at_the_beginning_are_met_calmly()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000));

        Assert.AreSame(Fault.LockMalformed, Assert.ThrowsExactly<ReleaseException>(() => Read(deep)).Fault);
        Assert.AreSame(Fault.LockMalformed, Assert.ThrowsExactly<ReleaseException>(() => LockfileReader.Read([(byte)'{', 0xFF, (byte)'}'], "l.json")).Fault);
        Assert.HasCount(1, Read("\uFEFF \r\n" + One("1.0.0", Hash)).Packages);
    }

    private static string One(string version, string hash) =>
        $$"""{ "version": 1, "dependencies": { "net8.0": { "A.B": { "type": "Direct", "resolved": "{{version}}", "contentHash": "{{hash}}" } } } }""";

    private static string Base64(char fill) => Convert.ToBase64String(Enumerable.Repeat((byte)fill, 64).ToArray());

    private static Lockfile Read(string text) => LockfileReader.Read(System.Text.Encoding.UTF8.GetBytes(text), "l.json");
}
