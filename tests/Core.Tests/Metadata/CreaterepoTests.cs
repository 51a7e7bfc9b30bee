using System.Text;
using System.Xml.Linq;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Metadata;

/// <summary>createrepo_c is the judge: the same packages, the same elements, attributes and texts. Only <c>time file</c> is ours.</summary>
[TestClass]
public sealed class CreaterepoTests(TestContext test)
{
    private static readonly RpmRecipe Rich = new("rich", "1.0~rc1^git1")
    {
        Preamble = """
            Epoch: 3
            Url: https://example.org/?a=1&b=2
            Vendor: A & B "Vendor"
            Packager: Jane <jane@example.org>
            Provides: own(thing) = 5:1.2-3
            Provides: own(thing)
            Requires: own(thing) = 5:1.2-3
            Requires: own(thing) = 5:1.2-4
            Requires: /etc/rich/conf
            Requires: /usr/share/rich/plain
            Requires: /usr/bin/other
            Requires: libc.so.6(GLIBC_2.4)(64bit)
            Requires: libc.so.6(GLIBC_2.34)(64bit)
            Requires: libc.so.6()(64bit)
            Requires: libc.so.6(GLIBC_2.17)(64bit)
            Requires: zlib >= 1.2
            Requires: zlib >= 1.2
            Requires: zlib < 2:3-1
            Requires: (foo >= 2 if bar)
            Requires(pre): shadow
            Requires(post): coreutils
            Requires(preun): preun
            Requires(postun): postun
            Requires: shadow
            Recommends: rec > 1
            Suggests: sug
            Supplements: (sup and zlib)
            Enhances: enh = 1
            Conflicts: conf < 2
            Obsoletes: obs <= 1:3-4
            """,
        Install = """
            cd %{buildroot}
            mkdir -p etc/rich/d usr/bin opt/xbin usr/lib run usr/share/sbin/x usr/share/rich
            for f in etc/rich/conf usr/bin/rich opt/xbin/tool usr/lib/sendmail usr/share/sbin/x/y usr/share/rich/plain run/ghost; do echo a > $f; done
            echo a > 'usr/share/rich/a & <b> "c" é'
            ln -s plain usr/share/rich/link
            """,
        Files = """
            %dir /etc/rich
            /etc/rich/d
            %config /etc/rich/conf
            /usr/bin/rich
            /opt/xbin/tool
            /usr/lib/sendmail
            /usr/share/sbin/x
            /usr/share/rich
            %ghost /run/ghost
            """,
        Rest = "%post\n:\n\n%changelog\n" + string.Concat(Enumerable.Range(0, 14).Select(age =>
            $"* {new DateTime(2025, 3, 20).AddDays(-age / 3):ddd MMM dd yyyy} Ünï <u@example.org> - {14 - age}-1 \n- Entry {14 - age} & <tags>\n- Second line\n\n")),
    };

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Packages_with_everything_are_described_alike()
    {
        using var scratch = new Scratch();
        var folder = await FolderOfAsync(scratch, Rich, new RpmRecipe("plain"), new RpmRecipe("Upper-Case", "2.10"), new RpmRecipe("filtered"));

        await AssertAlikeAsync(folder, scratch);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_package_without_files_and_change_log_is_described_alike()
    {
        using var scratch = new Scratch();
        var folder = await FolderOfAsync(scratch, new RpmRecipe("hollow") { Install = "", Files = "", Rest = "" });

        await AssertAlikeAsync(folder, scratch);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Text_that_is_not_UTF8_is_described_alike()
    {
        using var scratch = new Scratch();
        var folder = await FolderOfAsync(scratch, new RpmRecipe("latin"));
        foreach (var rpm in Directory.GetFiles(folder))
        {
            // 0xA9 is a copyright sign in ISO-8859-1 and a control character in nobody's encoding; createrepo_c leaves it out.
            Patch(rpm, "A package for tests", "A p\u00E4ckage \u00A9 f\u00FCr t.");
        }

        await AssertAlikeAsync(folder, scratch);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Our_writer_is_understood_by_createrepo_c_when_it_updates()
    {
        using var scratch = new Scratch();
        var folder = await FolderOfAsync(scratch, Rich, new RpmRecipe("plain"));
        var ours = await CreaterepoJudge.DescribeAsync(folder, Ct);
        Directory.CreateDirectory(Path.Combine(folder, "repodata"));
        foreach (var file in ours.Files)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, "repodata", file.FileName), [.. file.Members.SelectMany(member => member)], Ct);
        }

        await File.WriteAllBytesAsync(Path.Combine(folder, "repodata", "repomd.xml"), ours.Repomd.ToXml(), Ct);
        var updated = await CreaterepoJudge.UpdateAsync(folder, Ct);

        foreach (var part in CreaterepoJudge.Parts)
        {
            AssertAlike(part, CreaterepoJudge.PackagesOf(part, updated[part]), CreaterepoJudge.PackagesOf(part, CreaterepoJudge.Unpack(ours, part)));
        }
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_control_character_is_refused_with_its_place()
    {
        using var scratch = new Scratch();
        var folder = await FolderOfAsync(scratch, new RpmRecipe("bell"));
        Patch(Directory.GetFiles(folder, "*.noarch.rpm").Single(), "A package for tests", "A package\afor tests");

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => CreaterepoJudge.DescribeAsync(folder, Ct));

        Assert.AreEqual(Fault.RpmMalformed, thrown.Fault);
        Assert.Contains("summary has the control character U+0007", thrown.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public async Task Hundreds_of_packages_of_every_shape_are_described_alike(int seed)
    {
        using var scratch = new Scratch();
        var folder = scratch.Folder("rpms");
        foreach (var package in new PackageVariety(seed).Make(200))
        {
            package.WriteTo(folder);
        }

        await AssertAlikeAsync(folder, scratch);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Packages_of_a_folder_that_the_tester_names_are_described_alike()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_RELEASE_TEST_RPMS") is not { Length: > 0 } given)
        {
            Assert.Inconclusive("DOTNET_RELEASE_TEST_RPMS names no folder.");
            return;
        }

        using var scratch = new Scratch();
        var folder = scratch.Folder("rpms");
        foreach (var path in Directory.GetFiles(given, "*.rpm"))
        {
            File.Copy(path, Path.Combine(folder, Path.GetFileName(path)));
        }

        await AssertAlikeAsync(folder, scratch);
    }

    private static async Task<string> FolderOfAsync(Scratch scratch, params RpmRecipe[] recipes)
    {
        var folder = scratch.Folder("rpms");
        foreach (var built in await Task.WhenAll(recipes.Select(RpmFactory.BuildAsync)))
        {
            File.Copy(built.Binary, Path.Combine(folder, Path.GetFileName(built.Binary)));
            File.Copy(built.Source, Path.Combine(folder, Path.GetFileName(built.Source)));
        }

        return folder;
    }

    private async Task AssertAlikeAsync(string folder, Scratch scratch)
    {
        var expected = await CreaterepoJudge.RunAsync(folder, scratch.Folder("createrepo"), Ct);
        var actual = await CreaterepoJudge.DescribeAsync(folder, Ct);

        foreach (var part in CreaterepoJudge.Parts)
        {
            AssertAlike(part, CreaterepoJudge.PackagesOf(part, expected[part]), CreaterepoJudge.PackagesOf(part, CreaterepoJudge.Unpack(actual, part)));
        }
    }

    private static void AssertAlike(string part, Dictionary<string, XElement> theirs, Dictionary<string, XElement> ours)
    {
        Assert.IsNotEmpty(theirs);
        CollectionAssert.AreEqual(theirs.Keys.ToArray(), ours.Keys.ToArray(), $"packages of {part}");
        foreach (var (id, package) in theirs)
        {
            Assert.IsTrue(XNode.DeepEquals(package, ours[id]), $"{part} of {package.Descendants().First().Value} differs: {Difference(package, ours[id])}");
        }
    }

    private static string Difference(XElement theirs, XElement ours)
    {
        var (one, other) = (theirs.ToString().Split('\n'), ours.ToString().Split('\n'));
        var at = Enumerable.Range(0, Math.Min(one.Length, other.Length)).FirstOrDefault(line => one[line] != other[line]);
        return $"line {at}\n{one[at]}\n--- ours:\n{other[at]}";
    }

    /// <summary>Changes a text in a file in place, as ISO-8859-1; digests are then wrong, which neither side looks at here.</summary>
    private static void Patch(string path, string old, string replacement)
    {
        var bytes = File.ReadAllBytes(path);
        var at = bytes.AsSpan().IndexOf(Encoding.Latin1.GetBytes(old));
        Assert.IsGreaterThan(0, at);
        Encoding.Latin1.GetBytes(replacement.PadRight(old.Length)[..old.Length]).CopyTo(bytes, at);
        File.WriteAllBytes(path, bytes);
    }
}
