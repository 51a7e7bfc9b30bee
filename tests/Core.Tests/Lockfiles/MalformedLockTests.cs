using System.Text;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

[TestClass]
public sealed class MalformedLockTests
{
    [TestMethod]
    [DataRow("../../x.whl", "has a path separator")]
    [DataRow("a/b.whl", "has a path separator")]
    [DataRow("/abs", "has a path separator")]
    [DataRow("a\\\\b", "has a path separator")]
    [DataRow("..", "is a folder")]
    [DataRow(".", "is a folder")]
    [DataRow("", "is empty")]
    [DataRow("x\\ny", "has a character other than")]
    [DataRow("a b", "has a character other than")]
    [DataRow("a\\u202eb.whl", "has a character other than")]
    [DataRow("a\\u200e.whl", "has a character other than")]
    [DataRow("a\\u0000b", "has a character other than")]
    [DataRow("e\\u0301.whl", "has a character other than")]
    [DataRow("$(touch x)", "has a character other than")]
    [DataRow("%{lua:x}", "has a character other than")]
    [DataRow("CON", "is the name of a device")]
    [DataRow("con.whl", "is the name of a device")]
    [DataRow("Com1.tar.gz", "is the name of a device")]
    [DataRow("-rf", "begins with a dash")]
    public void A_file_name_that_is_no_plain_segment_is_refused(string name, string reason)
    {
        var fault = Malformed(Locks.Poetry(Locks.PackageOf("a", "1", $"{{file = \"{name}\", hash = \"sha256:{Locks.Hex("x")}\"}}")), "poetry.lock(7,9)");

        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', fault.Message);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [TestMethod]
    public void A_file_name_of_300_characters_is_refused_and_not_printed_whole()
    {
        var fault = Malformed(Locks.Poetry(Locks.PackageOf("a", "1", $"{{file = \"{new string('x', 300)}\", hash = \"sha256:{Locks.Hex("x")}\"}}")), "poetry.lock(7,9)");

        Assert.Contains("is longer than 255 characters", fault.Message, StringComparison.Ordinal);
        Assert.IsLessThan(200, fault.Message.Length);
    }

    [TestMethod]
    [DataRow("https://e/%2e%2e")]
    [DataRow("https://e/a%2Fb.whl")]
    [DataRow("https://e/a%252Fb.whl")]
    [DataRow("https://e/")]
    [DataRow("https://e/a.whl%00")]
    [DataRow("https://e/-rf")]
    public void A_url_whose_last_part_is_no_file_name_is_refused(string url) => Malformed(
        Locks.Uv($"[[package]]\nname = \"a\"\nversion = \"1\"\nsource = {{ registry = \"r\" }}\nwheels = [{{ url = \"{url}\", hash = \"sha256:{Locks.Hex("x")}\" }}]"),
        "poetry.lock(10,19)");

    [TestMethod]
    [DataRow("sha256:{63}", "must be 64 hexadecimal digits, found 63.")]
    [DataRow("sha256:{63}g", "must be 64 hexadecimal digits; at least one character is none.")]
    [DataRow("sha256:", "must be 64 hexadecimal digits, found 0.")]
    [DataRow("", "must be 64 hexadecimal digits, found 0.")]
    [DataRow("md5:d41d8cd98f00b204e9800998ecf8427e", "is a digest of kind 'md5'; only sha256 is accepted")]
    [DataRow("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", "is a digest of kind 'sha1'")]
    [DataRow(":{63}0", "is a digest of kind ''")]
    public void A_digest_that_proves_nothing_is_refused(string hash, string reason)
    {
        var text = hash.Replace("{63}", new string('a', 63), StringComparison.Ordinal);

        var fault = Malformed(Locks.Poetry(Locks.PackageOf("a", "1", $"{{file = \"a.whl\", hash = \"{text}\"}}")), "poetry.lock(7,25)");

        Assert.StartsWith("'package[0].files[0].hash' " + reason, fault.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Upper_case_digits_are_the_same_digest()
    {
        var read = LockfileReader.Read(Locks.Poetry(Locks.PackageOf("a", "1", $"{{file = \"a.whl\", hash = \"SHA256:{Locks.Hex("x").ToUpperInvariant()}\"}}")), "p");

        Assert.AreEqual(Locks.Hex("x"), read.Packages[0].Files[0].Digest.Hex);
    }

    [TestMethod]
    public void A_file_with_two_digests_names_both_places()
    {
        var fault = Malformed(
            Locks.Poetry(Locks.PackageOf("a", "1", $"{{file = \"a.whl\", hash = \"sha256:{Locks.Hex("1")}\"}},\n{{file = \"a.whl\", hash = \"sha256:{Locks.Hex("2")}\"}}")), "poetry.lock(8,25)");

        Assert.AreEqual("'package[0].files[1].hash' gives 'a.whl' another digest than poetry.lock(7,25) does.", fault.Message);
    }

    [TestMethod]
    public void A_file_that_is_listed_twice_alike_is_one_file()
    {
        var file = $"{{file = \"a.whl\", hash = \"sha256:{Locks.Hex("1")}\"}}";

        Assert.AreEqual(1, LockfileReader.Read(Locks.Poetry(Locks.PackageOf("a", "1", $"{file},\n{file}")), "p").Packages[0].Files.Length);
    }

    [TestMethod]
    public void A_package_that_is_locked_twice_names_both_places()
    {
        var fault = Malformed(Locks.Poetry(Locks.PackageOf("A.b", "1", ""), Locks.PackageOf("a-B", "1", "")), "poetry.lock(10,1)");

        Assert.AreEqual("The package a-b 1 is already locked at poetry.lock(3,1).", fault.Message);
    }

    [TestMethod]
    public void More_versions_of_one_name_than_anybody_locks_are_refused()
    {
        var fault = Assert.ThrowsExactly<ReleaseException>(
            () => LockfileReader.Read(Locks.Poetry([.. Enumerable.Range(0, 501).Select(i => Locks.PackageOf("a", $"1.{i}", ""))]), "p"));

        Assert.AreSame(Fault.InputTooLarge, fault.Fault);
    }

    [TestMethod]
    [DataRow("name = \"a\"", "name = \"\"", "4,8")]
    [DataRow("name = \"a\"", "name = \"a b\"", "4,8")]
    [DataRow("name = \"a\"", "name = \"-a\"", "4,8")]
    [DataRow("name = \"a\"", "name = \"a.\"", "4,8")]
    [DataRow("name = \"a\"", "name = \"../a\"", "4,8")]
    [DataRow("name = \"a\"", "name = \"\\u0430\"", "4,8")]
    [DataRow("name = \"a\"", "name = 1", "4,8")]
    [DataRow("name = \"a\"", "", "3,1")]
    [DataRow("version = \"1\"", "version = \"\"", "5,11")]
    [DataRow("version = \"1\"", "version = \"1 2\"", "5,11")]
    [DataRow("version = \"1\"", "version = \"%{x}\"", "5,11")]
    [DataRow("version = \"1\"", "version = \"1/2\"", "5,11")]
    [DataRow("version = \"1\"", "version = 1.0", "5,11")]
    [DataRow("version = \"1\"", "", "3,1")]
    [DataRow("files = [", "filez = [", "3,1")]
    [DataRow("files = [", "files = [1,", "6,10")]
    [DataRow("file = \"a.whl\", ", "", "7,1")]
    [DataRow("hash = ", "hass = ", "7,1")]
    [DataRow("lock-version = \"2.1\"", "lock-version = 2.1", "11,16")]
    [DataRow("lock-version = \"2.1\"", "lock-version = \"two\"", "11,16")]
    [DataRow("lock-version = \"2.1\"", "lock-version = \"2.x\"", "11,16")]
    [DataRow("lock-version = \"2.1\"", "lock-version = \"-2\"", "11,16")]
    [DataRow("[[package]]", "[package]", "3,1")]
    public void A_value_that_is_missing_or_of_another_kind_is_refused_at_its_place(string good, string bad, string place)
    {
        var text = Locks.Poetry(Locks.PackageOf("a", "1", $"{{file = \"a.whl\", hash = \"sha256:{Locks.Hex("x")}\"}}"));
        Assert.AreEqual(1, LockfileReader.Read(text, "p").Packages.Length);

        Malformed(text.Replace(good, bad, StringComparison.Ordinal), $"poetry.lock({place})");
    }

    [TestMethod]
    [DataRow("source = { registry = \"https://pypi.example/simple\" }", "", "6,1")]
    [DataRow("source = { registry = \"https://pypi.example/simple\" }", "source = \"registry+https://e\"", "9,10")]
    [DataRow("source = { registry = \"https://pypi.example/simple\" }", "source = { warehouse = \"x\" }", "9,10")]
    [DataRow("version = \"1\"", "", "6,1")]
    [DataRow("size = 100", "size = -1", "10,160")]
    [DataRow("size = 100", "size = \"100\"", "10,160")]
    [DataRow("url = \"https://files.example/a-1.tar.gz\", ", "", "10,9")]
    public void A_uv_lock_out_of_form_is_refused_at_its_place(string good, string bad, string place)
    {
        var text = Locks.Uv(Locks.UvPackage("a", "1"));
        Assert.AreEqual(1, LockfileReader.Read(text, "p").Packages.Length);
        Assert.Contains(good, text, StringComparison.Ordinal);

        var fault = Assert.ThrowsExactly<ReleaseException>(() => LockfileReader.Read(text.Replace(good, bad, StringComparison.Ordinal), "uv.lock"));

        Assert.AreSame(Fault.LockMalformed, fault.Fault);
        Assert.StartsWith($"uv.lock({place[..place.IndexOf(',', StringComparison.Ordinal)]},", fault.Position.ToString(), StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("", "is empty")]
    [DataRow("# nothing\n", "is empty")]
    [DataRow("[tool.poetry]\nname = 'x'", "is no lockfile")]
    [DataRow("[[package]]\nname = 'a'", "may be cut off")]
    [DataRow("version = 2\n", "'version' is 2; uv locks of version 1")]
    [DataRow("version = 0\n", "'version' is 0;")]
    [DataRow("[metadata]\nlock-version = '3.0'", "'metadata.lock-version' is 3.0; poetry locks up to 2.x")]
    [DataRow("[metadata]\nlock-version = '0.9'", "'metadata.lock-version' is 0.9;")]
    [DataRow("[metadata]\nlock-version = '20.1'", "'metadata.lock-version' is 20.1;")]
    public void What_is_no_known_lock_says_what_it_looks_like(string text, string expected)
    {
        var fault = Assert.ThrowsExactly<ReleaseException>(() => LockfileReader.Read(text, "x.lock"));

        Assert.AreSame(Fault.LockFormatUnknown, fault.Fault);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.IsTrue(fault.Position is { Line: > 0 });
        Assert.AreEqual(ExitCode.Usage, fault.Fault.Exit);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void A_lock_that_ends_too_early_is_refused_wherever_it_ends()
    {
        var whole = Encoding.UTF8.GetBytes(Locks.Poetry(Locks.Package("a", "1"), Locks.Package("b", "2")));
        var end = whole.AsSpan().IndexOf("[metadata]"u8);
        for (var length = 0; length < end; length++)
        {
            var fault = Assert.ThrowsExactly<ReleaseException>(() => LockfileReader.Read(whole.AsSpan(0, length), "poetry.lock"));
            Assert.AreEqual(ExitCode.Usage, fault.Fault.Exit);
            Assert.IsTrue(fault.Position is { Line: > 0, Column: > 0 });
        }
    }

    [TestMethod]
    public void A_merge_conflict_in_a_lock_is_called_by_its_name()
    {
        var text = Locks.Poetry(Locks.Package("a", "1")).Replace("version = \"1\"", "<<<<<<< HEAD\nversion = \"1\"\n=======\nversion = \"2\"\n>>>>>>> topic", StringComparison.Ordinal);

        var fault = Assert.ThrowsExactly<ReleaseException>(() => LockfileReader.Read(text, "poetry.lock"));

        Assert.AreEqual("poetry.lock(5,1): error REL0005: This is a merge-conflict marker; resolve the conflict first.", fault.ToDiagnostic("x"));
    }

    private static ReleaseException Malformed(string text, string position)
    {
        var fault = Assert.ThrowsExactly<ReleaseException>(() => LockfileReader.Read(text, "poetry.lock"));
        Assert.AreSame(Fault.LockMalformed, fault.Fault, fault.Message);
        Assert.AreEqual(position, fault.Position.ToString(), fault.Message);
        return fault;
    }
}
