using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

[TestClass]
public sealed class RpmWriterTests(TestContext test)
{
    private static readonly RpmDraft Draft = new(new Nevra("sample-release", 0, "20260115", "1", "noarch"), "Repository of the sample", "MIT", DateTimeOffset.FromUnixTimeSeconds(1768435200))
    {
        Description = "Tells dnf where the packages are.\nAnd whose they are.",
        Vendor = "Sample",
        Url = "https://example.org/",
        Provides = ["sample-repos"],
        Files =
        [
            new RpmDraftFile("/etc/yum.repos.d/sample.repo", "[sample]\nname=Sample\n"u8.ToArray(), IsConfig: true),
            new RpmDraftFile("/etc/pki/rpm-gpg/RPM-GPG-KEY-sample", "a key"u8.ToArray()),
        ],
    };

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000)]
    public async Task Rpm_reads_every_value_and_finds_all_digests_right()
    {
        using var scratch = new Scratch();
        var file = await WriteAsync(scratch, Draft);

        Assert.AreEqual(
            "sample-release|20260115-1|noarch|Repository of the sample|Tells dnf where the packages are.\nAnd whose they are.|MIT|Sample|https://example.org/|26|1768435200|cpio|gzip",
            await RpmJudge.QueryAsync(file, "%{NAME}|%{EVR}|%{ARCH}|%{SUMMARY}|%{DESCRIPTION}|%{LICENSE}|%{VENDOR}|%{URL}|%{LONGSIZE}|%{BUILDTIME}|%{PAYLOADFORMAT}|%{PAYLOADCOMPRESSOR}"));
        Assert.AreEqual(
            "/etc/pki/rpm-gpg/RPM-GPG-KEY-sample -rw-r--r-- root root  5\n/etc/yum.repos.d/sample.repo -rw-r--r-- root root cn 21\n",
            await RpmJudge.QueryAsync(file, "[%{FILENAMES} %{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILEFLAGS:fflags} %{FILESIZES}\n]"));
        Assert.AreEqual(
            "config(sample-release) = 20260115-1\nsample-release = 20260115-1\nsample-repos\n",
            await RpmJudge.QueryAsync(file, "[%{PROVIDENEVRS}\n]"));
        CollectionAssert.AreEqual(new[] { "digests SIGNATURES NOT OK" }, await RpmJudge.CheckAsync([file], await TestKey.Ed25519));
        Assert.AreEqual(await Digest.OfFileAsync(file, Ct), (await RpmFile.ReadAsync(file, Ct)).Sha256);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Rpm_installs_it_removes_it_and_keeps_what_the_administrator_changed()
    {
        using var scratch = new Scratch();
        var root = scratch.Folder("root");
        var (first, second) = (await WriteAsync(scratch, Draft), await WriteAsync(scratch, Draft with
        {
            Nevra = Draft.Nevra with { Version = "20260116" },
            Files = [Draft.Files[0] with { Content = "[sample]\nname=New\n"u8.ToArray() }, Draft.Files[1]],
        }));
        var repo = scratch["root/etc/yum.repos.d/sample.repo"];

        await RpmAsync(root, "--install", first);
        Assert.AreEqual("[sample]\nname=Sample\n", await File.ReadAllTextAsync(repo, Ct));
        await File.WriteAllTextAsync(repo, "mine", Ct);
        await RpmAsync(root, "--upgrade", second);

        Assert.AreEqual("mine", await File.ReadAllTextAsync(repo, Ct));
        Assert.AreEqual("[sample]\nname=New\n", await File.ReadAllTextAsync(repo + ".rpmnew", Ct));
        await RpmAsync(root, "--verify", "--nomtime", "--noconfig", "sample-release");
        await RpmAsync(root, "--erase", "sample-release");
        Assert.IsFalse(File.Exists(scratch["root/etc/pki/rpm-gpg/RPM-GPG-KEY-sample"]));
    }

    [TestMethod]
    public void Equal_drafts_give_equal_bytes_in_whatever_order_their_files_come()
    {
        var other = Draft with { Files = [Draft.Files[1], Draft.Files[0]] };

        CollectionAssert.AreEqual(RpmWriter.ToBytes(Draft), RpmWriter.ToBytes(other));
        CollectionAssert.AreNotEqual(RpmWriter.ToBytes(Draft), RpmWriter.ToBytes(Draft with { Made = Draft.Made.AddSeconds(1) }));
    }

    [TestMethod]
    [Timeout(60_000)]
    [DataRow(4)]
    [DataRow(6)]
    public async Task Signed_it_is_good_in_both_formats_and_stays_as_long(int format)
    {
        using var scratch = new Scratch();
        var key = await TestKey.Rsa;
        var file = await WriteAsync(scratch, Draft with { Format = format });
        var before = await RpmPackage.ReadAsync(file, Ct);

        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
        var signed = (await signer.SignAsync([file], Ct))[0];
        var again = (await signer.SignAsync([file], Ct))[0];
        var after = await RpmPackage.ReadAsync(file, Ct);

        Assert.AreEqual((true, false, key.Fingerprint), (signed.IsNew, again.IsNew, signed.Rpm.Signature.SigningFingerprint));
        Assert.AreEqual((before.FileSize, format), (after.FileSize, after.Format));
        Assert.AreEqual(format is 6, after.Signature.Has(RpmSignatureTag.OpenPgp));
        Assert.AreEqual(format is 4, after.Signature.Has(RpmSignatureTag.RsaHeader));
        if (format is 4)
        {
            // rpm 4.18 does not know the tag of format 6.
            CollectionAssert.AreEqual(new[] { "digests signatures OK" }, await RpmJudge.CheckAsync([file], key));
        }
    }

    private async Task<string> WriteAsync(Scratch scratch, RpmDraft draft)
    {
        var file = scratch[draft.Nevra.FileName];
        await RpmWriter.WriteAsync(draft, file, Ct);
        return file;
    }

    private Task<Outcome> RpmAsync(string root, params string[] arguments) =>
        Exec.ReadAsync(new Command("unshare", ["--user", "--map-root-user", "--mount", "rpm", "--root", root, "--define", "_dbpath /db", "--nodeps", "--nosignature", .. arguments]), Ct);
}
