using DotnetRelease.Fixtures;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

/// <summary>Every format that is read: what a lock of it says, and how it is refused. The files in Samples were written by the tools themselves.</summary>
[TestClass]
public sealed class FormatTests
{
    private const string H = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string Sha512 = "XI5MPzVNApjAyhQzphX8BkmKsKUxD4LdyK24iZeQGinBN9yTQT3bFlCBy/aVx2HrNcqQGsdot8ghrjyrvMCoEA==";
    private const string GoHash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    [TestMethod]
    [DataRow("package-lock-1.json", "npm 1 npm")]
    [DataRow("package-lock-2.json", "npm 2 npm")]
    [DataRow("package-lock-3.json", "npm 3 npm")]
    public void What_npm_wrote_says_the_same_in_each_version(string file, string expected)
    {
        var read = Sample(file);

        Assert.AreEqual(expected, $"{read.Format} {read.FormatVersion} {read.Ecosystem}");
        CollectionAssert.AreEquivalent(
            (string[])["@types/ms 0.7.34 ms-0.7.34.tgz", "debug 4.3.4 debug-4.3.4.tgz", "left-pad 1.3.0 left-pad-1.3.0.tgz", "ms 2.0.0 ms-2.0.0.tgz", "ms 2.1.2 ms-2.1.2.tgz"],
            read.Packages.Select(package => $"{package.Name} {package.Version} {package.Files.Single().Name}").ToList());
        Assert.AreEqual(LockDigestKind.Sha512, read.Packages[0].Files[0].Digest.Kind);
        Assert.AreEqual(Convert.ToHexStringLower(Convert.FromBase64String(Sha512)), read.Packages.Single(package => package.Name is "left-pad").Files[0].Digest.Hex);
    }

    [TestMethod]
    public void What_nuget_wrote_is_read_with_its_frameworks()
    {
        var read = Sample("packages.lock-1.json");

        Assert.AreEqual("nuget 1 nuget", $"{read.Format} {read.FormatVersion} {read.Ecosystem}");
        CollectionAssert.AreEqual(
            (string[])["netstandard.library 2.0.3", "nuget.versioning 8.0.0", "microsoft.netcore.platforms 1.1.0"],
            read.Packages.Select(package => $"{package.Name} {package.Version}").ToList());
        var both = read.Packages[1];
        CollectionAssert.AreEqual((string[])[".NETStandard,Version=v2.0", "net10.0"], both.Markers.ToArray());
        Assert.AreEqual(("NuGet.Versioning", "nuget.versioning.8.0.0.nupkg", LockDigestKind.Sha512), (both.WrittenName, both.Files.Single().Name, both.Files[0].Digest.Kind));
    }

    [TestMethod]
    [DataRow("cargo-3.lock", "3")]
    [DataRow("cargo-4.lock", "4")]
    public void What_cargo_wrote_is_read_with_its_checksums(string file, string version)
    {
        var read = Sample(file);

        Assert.AreEqual($"cargo {version} cargo", $"{read.Format} {read.FormatVersion} {read.Ecosystem}");
        CollectionAssert.AreEqual(
            (string[])["itoa 1.0.9 Index", "sample-a 0.1.0 Folder", "sample-b 0.2.0 Folder"],
            read.Packages.Select(package => $"{package.Name} {package.Version} {package.Source.Kind}").ToList());
        Assert.AreEqual("itoa-1.0.9.crate af150ab688ff2122fcef229be89cb50dd66af9e01a4ff320cc137eecc9bacc38", $"{read.Packages[0].Files[0].Name} {read.Packages[0].Files[0].Digest.Hex}");
    }

    [TestMethod]
    [DataRow("1", $"[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://x/i\"\n[metadata]\n\"checksum a 1.0.0 (registry+https://x/i)\" = \"{H}\"\n")]
    [DataRow("2", $"[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://x/i\"\nchecksum = \"{H}\"\n")]
    public void Old_cargo_locks_have_no_version_and_their_checksums_elsewhere(string version, string text)
    {
        var read = LockfileReader.Read(text, "Cargo.lock");

        Assert.AreEqual(("cargo", version, H), (read.Format, read.FormatVersion, read.Packages.Single().Files.Single().Digest.Hex));
    }

    [TestMethod]
    public void Pdm_has_files_with_the_package_or_in_its_metadata()
    {
        foreach (var text in (string[])
            [
                $"[metadata]\nlock_version = \"4.5.0\"\n[[package]]\nname = \"Attrs\"\nversion = \"25.1.0\"\nmarker = \"os_name == 'nt'\"\nfiles = [{{file = \"attrs-25.1.0.tar.gz\", hash = \"sha256:{H}\"}}]\n[[package]]\nname = \"attrs\"\nversion = \"25.1.0\"\nextras = [\"x\"]\n",
                $"[[package]]\nname = \"Attrs\"\nversion = \"25.1.0\"\nmarker = \"os_name == 'nt'\"\n[metadata]\nlock_version = \"3.1\"\n[metadata.files]\n\"Attrs 25.1.0\" = [{{url = \"https://files.example/attrs-25.1.0.tar.gz\", hash = \"sha256:{H}\"}}]\n",
            ])
        {
            var package = Read(text, "pdm").Packages.Single();
            Assert.AreEqual(("attrs", "Attrs", "attrs-25.1.0.tar.gz", H), (package.Name, package.WrittenName, package.Files.Single().Name, package.Files[0].Digest.Hex));
            Assert.AreEqual("os_name == 'nt'", package.Markers.Single());
        }
    }

    [TestMethod]
    public void Pylock_has_every_kind_of_source()
    {
        var read = Read(
            $$$"""
            lock-version = "1.0"
            created-by = "x"
            [[packages]]
            name = "attrs"
            version = "25.1.0"
            index = "https://pypi.org/simple"
            sdist = { name = "attrs-25.1.0.tar.gz", url = "https://f.example/attrs-25.1.0.tar.gz", upload-time = 2025-01-25T11:30:12Z, size = 10, hashes = { sha256 = "{{{H}}}", md5 = "x" } }
            wheels = [{ url = "https://f.example/attrs-25.1.0-py3-none-any.whl", hashes = { sha512 = "{{{H}}}{{{H}}}" } }]
            [[packages]]
            name = "fromgit"
            vcs = { type = "git", url = "https://g.example/x", commit-id = "abc" }
            [[packages]]
            name = "folder"
            directory = { path = "." }
            [[packages]]
            name = "archive"
            archive = { url = "https://a.example/archive-1.zip", hashes = { sha256 = "{{{H}}}" } }
            """,
            "pylock");

        CollectionAssert.AreEqual(
            (string[])["attrs 25.1.0 Index", "fromgit dynamic Git", "folder dynamic Folder", "archive dynamic Url"],
            read.Packages.Select(package => $"{package.Name} {package.Version} {package.Source.Kind}").ToList());
        var files = read.Packages[0].Files;
        Assert.AreEqual((10L, new DateTimeOffset(2025, 1, 25, 11, 30, 12, TimeSpan.Zero), LockDigestKind.Sha256), (files[0].Size!.Value, files[0].UploadedAt!.Value, files[0].Digest.Kind));
        Assert.AreEqual(("attrs-25.1.0-py3-none-any.whl", LockDigestKind.Sha512), (files[1].Name, files[1].Digest.Kind));
    }

    [TestMethod]
    public void Pipenv_has_groups_and_digests_without_names()
    {
        var read = Read(
            $$$"""
            {"_meta": {"hash": {"sha256": "{{{H}}}"}, "pipfile-spec": 6, "requires": {}, "sources": []},
             "default": {"Attrs": {"hashes": ["sha256:{{{H}}}"], "markers": "python_version >= '3.8'", "version": "==25.1.0"},
                         "fromgit": {"git": "https://g.example/x", "ref": "abc"}},
             "develop": {"attrs": {"hashes": ["sha256:{{{H}}}"], "version": "==25.1.0"} } }
            """,
            "pipenv");

        var attrs = read.Packages[0];
        Assert.AreEqual(("attrs", "25.1.0", H), (attrs.Name, attrs.Version, attrs.NamelessDigests.Single().Hex));
        CollectionAssert.AreEqual((string[])["default: python_version >= '3.8'", "develop"], attrs.Markers.ToArray());
        Assert.AreEqual((LockedSourceKind.Git, 2), (read.Packages[1].Source.Kind, read.Packages.Length));
    }

    [TestMethod]
    public void Requirements_are_a_lock_when_everything_is_pinned()
    {
        var read = Read(
            $"""
            # written by pip-compile
            --index-url https://pypi.example/simple
            attrs[a,b]==25.1.0 ; python_version >= "3.8" \
                --hash=sha256:{H} \
                --hash=sha512:{H}{H}
                # via something
            direct @ https://u.example/direct-1.zip#sha256={H}
            -e .
            """,
            "requirements");

        var attrs = read.Packages[0];
        Assert.AreEqual(("attrs", "25.1.0", "python_version >= \"3.8\"", 2), (attrs.Name, attrs.Version, attrs.Markers.Single(), attrs.NamelessDigests.Length));
        Assert.AreEqual((LockedSourceKind.Url, 3), (read.Packages[1].Source.Kind, attrs.Position.Line));
    }

    [TestMethod]
    public void Go_has_a_digest_of_the_module_and_one_of_its_go_mod()
    {
        var read = Read($"golang.org/x/text v0.3.0 {GoHash}\ngolang.org/x/text v0.3.0/go.mod {GoHash}\ngolang.org/x/text v0.2.0/go.mod {GoHash}\n", "go");

        CollectionAssert.AreEqual(
            (string[])["v0.3.0 v0.3.0.zip v0.3.0.mod ", "v0.2.0 v0.2.0.mod go.mod only"],
            read.Packages.Select(package => $"{package.Version} {string.Join(' ', package.Files.Select(file => file.Name))} {string.Join(' ', package.Markers)}").ToList());
    }

    [TestMethod]
    [DataRow("npm", "1.0.0-rc.1", "1.0.0")]
    [DataRow("npm", "1.9.0", "1.10.0")]
    [DataRow("cargo", "0.1.9", "0.1.10")]
    [DataRow("nuget", "1.0.0.9", "1.0.0.10")]
    [DataRow("nuget", "1.0.0-beta9", "1.0.0")]
    [DataRow("go", "v1.2.0", "v1.10.0")]
    [DataRow("go", "v0.0.0-20200101000000-abcdef123456", "v0.0.0-20210101000000-123456abcdef")]
    [DataRow("go", "v2.0.0+incompatible", "v2.0.1+incompatible")]
    [DataRow("python", "1.0.dev1", "1.0a1")]
    [DataRow("python", "1.0.post1", "1!0.1")]
    public void Versions_are_ordered_as_their_ecosystem_does(string name, string older, string newer)
    {
        var ecosystem = new[] { Ecosystem.Python, Ecosystem.NuGet, Ecosystem.Npm, Ecosystem.Cargo, Ecosystem.Go }.Single(each => each.Name == name);

        Assert.IsLessThan(0, ecosystem.Compare(older, newer));
        Assert.IsGreaterThan(0, ecosystem.Order.Compare(newer, older));
        Assert.AreEqual(0, ecosystem.Compare(newer, newer));
    }

    [TestMethod]
    public void A_change_is_an_upgrade_by_the_rules_of_its_ecosystem()
    {
        var old = Read("""{"lockfileVersion":3,"packages":{"node_modules/@a/b":{"version":"1.9.0","integrity":"sha512-SHA512"}}}""".Replace("SHA512", Sha512, StringComparison.Ordinal), "npm");
        var now = Read("""{"lockfileVersion":3,"packages":{"node_modules/@a/b":{"version":"1.10.0","integrity":"sha512-SHA512"}}}""".Replace("SHA512", Sha512, StringComparison.Ordinal), "npm");

        var change = LockDiff.Compare(old, now).Changes.Single();

        Assert.AreEqual(("@a/b", LockChangeKind.Upgraded), (change.Name, change.Kind));
    }

    [TestMethod]
    public void A_weaker_kind_of_digest_is_an_alarm_and_no_other_digest()
    {
        var strong = Read("""{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","integrity":"sha512-SHA512"}}}""".Replace("SHA512", Sha512, StringComparison.Ordinal), "npm");
        var weak = Read("""{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","integrity":"sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="}}}""", "npm");

        Assert.AreEqual(AlarmKind.DigestWeaker, LockDiff.Compare(strong, weak).Alarms.Single().Kind);
        Assert.IsEmpty(LockDiff.Compare(weak, strong).Alarms);
        Assert.IsEmpty(LockDiff.Compare(strong, weak).Changes.Single().Files.Rehashed);
    }

    [TestMethod]
    [DataRow("""{"lockfileVersion": 4}""", "(1,21): 'lockfileVersion' is 4; locks of npm up to version 3")]
    [DataRow("""{"version": 3, "dependencies": {}}""", "(1,13): 'version' is 3; locks of NuGet up to version 2")]
    [DataRow("""{"_meta": {"pipfile-spec": 7}}""", "(1,28): '_meta.pipfile-spec' is 7;")]
    [DataRow("version = 5\n[[package]]\nname = 'a'\nversion = '1'\nsource = 'registry+https://x'\n", "(1,11): 'version' is 5; Cargo locks up to version 4")]
    [DataRow("lock-version = '2.0'\npackages = []\n", "(1,16): 'lock-version' is '2.0'; pylock files of 1.x")]
    [DataRow("[metadata]\nlock_version = '5.0'\n", "(2,16): 'metadata.lock_version' is 5.0; pdm locks of 2.x to 4.x")]
    public void A_major_version_that_nobody_knows_is_an_error_that_says_so(string text, string says) => Refused(text, Fault.LockFormatUnknown, says);

    [TestMethod]
    [DataRow("""{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","version":"1"}}}""", "The key 'version' is already set at x(1,52).")]
    [DataRow("""{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","integrity":"md5-abc"}}}""", "must be a digest such as sha512-BASE64")]
    [DataRow("""{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","integrity":"sha512-abcd"}}}""", "must have the 64 bytes of a sha512")]
    [DataRow("""{"lockfileVersion":3,"packages":{"node_modules/a b":{"version":"1.0.0"}}}""", "must have a package name of npm, found 'a b'")]
    [DataRow("""{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1 0"}}}""", "must be a version")]
    [DataRow("""{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","resolved":"https://r/a/-/..","integrity":"sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="}}}""", "must name a file")]
    [DataRow("""{"lockfileVersion":3,"packages":{"node_modules/a":{}}}""", "has no key 'version'")]
    [DataRow("""{"lockfileVersion":"3"}""", "must be an integer, found a string")]
    [DataRow("""{"lockfileVersion":3,}""", "Expected a name in quotes")]
    [DataRow("""{"lockfileVersion":3} x""", "Expected the end of the file behind the object")]
    [DataRow("""{"lockfileVersion":03}""", "Expected a value, found '03'")]
    [DataRow("{\"lockfileVersion\":3,\"a\":\"\\ud800\"}", "Half a surrogate pair")]
    [DataRow("{\"lockfileVersion\":3,\"a\":\"b", "not closed on its line")]
    [DataRow("{\n<<<<<<< HEAD\n", "merge-conflict marker")]
    [DataRow("{\"a\":\"\u0001\"}", "control character (U+0001)")]
    [DataRow("""{"version":1,"dependencies":{"net10.0":{"A":{"type":"Direct","resolved":"1.0.0","contentHash":"AAAA"}}}}""", "must have the 64 bytes of a sha512 in base64")]
    [DataRow("""{"_meta":{"pipfile-spec":6},"default":{"a":{"version":">=1"}}}""", "must be == and a version")]
    [DataRow("""{"_meta":{"pipfile-spec":6},"default":{"a":{"version":"==1","hashes":["md5:abc"]}}}""", "only sha256 is accepted")]
    [DataRow("lock-version = '1.0'\n[[packages]]\nname = 'a'\nversion = '1'\nindex = 'https://x'\nwheels = [{name = 'a.whl', hashes = {}}]\n", "must have sha256, sha512 or sha384; it is empty")]
    [DataRow("lock-version = '1.0'\n[[packages]]\nname = 'a'\nversion = '1'\nindex = 'https://x'\nwheels = [{name = 'a.whl', hashes = {md5 = 'x'}}]\n", "only md5 is there")]
    [DataRow("lock-version = '1.0'\n[[packages]]\nname = 'a'\nversion = '1'\nindex = 'https://x'\nwheels = [{name = '../a.whl', hashes = {sha256 = 'x'}}]\n", "must be 64 hexadecimal digits, found 1")]
    [DataRow("attrs>=1 --hash=sha256:x\n", "Expected = after the key")]
    [DataRow("attrs==1\nother>=1\n", "Only pinned requirements are a lock")]
    [DataRow("attrs==1\n-r more.txt\n", "includes another one")]
    [DataRow("attrs==1 --hash=sha256:abc\n", "must be 64 hexadecimal digits, found 'abc' with 3")]
    [DataRow("attrs==1 --hash=md5:abc\n", "no digest of sha256, sha384 or sha512")]
    [DataRow("attrs==1\n>>>>>>> theirs\n", "merge-conflict marker")]
    [DataRow($"golang.org/x/text v0.3.0 {GoHash}\ngolang.org/x/text v0.3.0 h1:AAAA\n", "32 bytes in base64")]
    [DataRow($"golang.org/x/text v0.3.0 {GoHash}\n../x v0.3.0 {GoHash}\n", "no module path")]
    [DataRow($"golang.org/x/text v0.3.0 {GoHash}\ngolang.org/x/text v0.3.0 h1:AAAAQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "another digest at x(1,")]
    public void Bad_input_is_refused_with_its_place_and_what_was_expected(string text, string says) => Refused(text, null, says);

    [TestMethod]
    [DataRow("""{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","resolved":"https://me:s3cret@r.example/a/-/a-1.0.0.tgz"}}}""", "is a URL with user info, https://…@r.example;")]
    [DataRow("""{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","resolved":"https://s3cret@r.example/a.tgz"}}}""", "is a URL with user info, https://…@r.example;")]
    [DataRow("[metadata]\nlock_version = \"4.5.0\"\n[[package]]\nname = \"a\"\nversion = \"1\"\nfiles = [{url = \"https://a:s3cret@f.example/a.zip\", hash = \"sha256:" + H + "\"}]\n", "user info, https://…@f.example;")]
    [DataRow("lock-version = '1.0'\n[[packages]]\nname = 'a'\nversion = '1'\nindex = 'https://x:s3cret@i.example/simple'\n", "user info, https://…@i.example;")]
    [DataRow("version = 1\nrequires-python = '>=3'\n[[package]]\nname = 'a'\nversion = '1'\nsource = { registry = 'https://x:s3cret@i.example/simple' }\n", "user info, https://…@i.example;")]
    [DataRow("a @ git+https://x:s3cret@g.example/a\n", "user info, git+https://…@g.example;")]
    [DataRow("a @ https://exa_mple%2f.evil/a.zip\n", "names the host 'exa_mple%2f.evil'")]
    [DataRow("""{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","resolved":"https://r\u0430.example/a/-/a-1.0.0.tgz"}}}""", "which is none of letters, digits, dots and dashes")]
    public void A_url_with_a_password_or_an_odd_host_is_refused_and_the_password_is_not_repeated(string text, string says)
    {
        var thrown = Assert.ThrowsExactly<ReleaseException>(() => LockfileReader.Read(text, "x"));

        Assert.AreEqual(Fault.LockMalformed, thrown.Fault);
        Assert.Contains(says, thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", thrown.Message, StringComparison.Ordinal);
        Assert.IsGreaterThan(0, thrown.Position!.Value.Line);
    }

    [TestMethod]
    [DataRow("package-lock-3.json")]
    [DataRow("packages.lock-1.json")]
    [DataRow("cargo-4.lock")]
    public void A_byte_order_mark_and_windows_line_ends_change_nothing(string file)
    {
        var text = File.ReadAllText(Checkout.At("tests", "Core.Tests", "Lockfiles", "Samples", file));

        var plain = LockfileReader.Read(text, file);
        var windows = LockfileReader.Read("\uFEFF" + text.ReplaceLineEndings("\r\n"), file);

        Assert.IsEmpty(LockDiff.Compare(plain, windows).Changes);
        Assert.AreEqual(plain.Packages.Length, windows.Packages.Length);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Case_14_depth_and_size_are_bounded_in_json_too()
    {
        Refused("{\"a\":" + new string('[', 100_000), Fault.LockMalformed, "Nesting deeper than 100 levels");
        Refused("{\"a\":\"" + new string('x', 40 * 1024 * 1024) + "\"}", Fault.InputTooLarge, "at most");
    }

    [TestMethod]
    [Timeout(120_000)]
    [DataRow("package-lock-2.json")]
    [DataRow("packages.lock-1.json")]
    [DataRow("cargo-4.lock")]
    public void Only_our_own_exception_leaves_a_reader_whatever_is_changed(string file)
    {
        var text = File.ReadAllText(Checkout.At("tests", "Core.Tests", "Lockfiles", "Samples", file));
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(text);
            var at = random.Next(bytes.Length);
            bytes[at] = (byte)(round % 3 is 0 ? random.Next(256) : "{}[]\",:\\=#"[random.Next(10)]);
            try
            {
                LockfileReader.Read(round % 5 is 0 ? bytes.AsSpan(0, at) : bytes, file);
            }
            catch (ReleaseException)
            {
                // Refused, with a place.
            }
        }
    }

    private static Lockfile Sample(string file) => LockfileReader.Read(File.ReadAllBytes(Checkout.At("tests", "Core.Tests", "Lockfiles", "Samples", file)), file);

    private static Lockfile Read(string text, string format)
    {
        var read = LockfileReader.Read(text, "x");
        Assert.AreEqual(format, read.Format);
        return read;
    }

    private static void Refused(string text, Fault? fault, string says)
    {
        var thrown = Assert.ThrowsExactly<ReleaseException>(() => LockfileReader.Read(text, "x"));

        Assert.Contains(says, $"{thrown.Position}: {thrown.Message}", StringComparison.Ordinal);
        Assert.IsTrue(fault is null || fault == thrown.Fault, thrown.Fault.Id);
        Assert.AreEqual(ExitCode.Usage, thrown.Fault.Exit);
        Assert.IsTrue(thrown.Position is { Line: > 0 } || thrown.Fault == Fault.InputTooLarge);
    }
}
