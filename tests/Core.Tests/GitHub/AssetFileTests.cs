using DotnetRelease.Fixtures;
using DotnetRelease.GitHub;

namespace DotnetRelease.Core.Tests.GitHub;

[TestClass]
public sealed class AssetFileTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [DataRow("dangerzone-0.9.0-1.fc43.x86_64.rpm", true)]
    [DataRow("a+b_c-d.1", true)]
    [DataRow("with space.txt", false)]
    [DataRow("tilde~1.rpm", false)]
    [DataRow("ümlaut.txt", false)]
    [DataRow("semi;colon", false)]
    [DataRow(".hidden", false)]
    [DataRow("new\nline", false)]
    public void A_name_that_GitHub_would_change_is_refused_before_the_first_upload(string name, bool isFine)
    {
        using var scratch = new Scratch();
        scratch.Write(name, "x");

        if (isFine)
        {
            Assert.AreEqual(1, AssetFile.Check(scratch[name]));
            return;
        }

        Assert.AreEqual(Fault.AssetNameRefused, Assert.ThrowsExactly<ReleaseException>(() => AssetFile.Check(scratch[name])).Fault);
    }

    [TestMethod]
    public void A_file_of_2_GiB_an_empty_one_a_folder_and_nothing_are_refused()
    {
        using var scratch = new Scratch();
        using (var sparse = File.Create(scratch["large.bin"]))
        {
            sparse.SetLength(AssetFile.SizeLimit);
        }

        using (var sparse = File.Create(scratch["fits.bin"]))
        {
            sparse.SetLength(AssetFile.SizeLimit - 1);
        }

        scratch.Write("empty", "");

        Assert.AreEqual(AssetFile.SizeLimit - 1, AssetFile.Check(scratch["fits.bin"]));
        var large = Refused("large.bin");
        Assert.AreEqual((Fault.AssetTooLarge, ExitCode.Usage), (large.Fault, large.Fault.Exit), "case 80");
        Assert.AreEqual(Fault.AssetTooLarge, Refused("empty").Fault);
        Assert.Contains("is a folder", Refused("").Message, StringComparison.Ordinal);
        Assert.AreEqual(Fault.AssetNotFound, Refused("nothing").Fault);

        ReleaseException Refused(string name) => Assert.ThrowsExactly<ReleaseException>(() => AssetFile.Check(scratch[name].TrimEnd('/')));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow((1024 * 1024) - 7)]
    [DataRow((1024 * 1024) - 1)]
    [DataRow(1024 * 1024)]
    [DataRow((2 * 1024 * 1024) - 20)]
    public async Task A_token_is_found_wherever_in_a_file_it_is(int offset)
    {
        using var scratch = new Scratch();
        var token = GitHubToken.Of("CANARY_scan_0123456789_abcdefghij", "a test");
        var bytes = new byte[3 * 1024 * 1024];
        new Random(1).NextBytes(bytes);
        var clean = scratch["clean.bin"];
        await File.WriteAllBytesAsync(clean, bytes, Ct);
        "CANARY_scan_0123456789_abcdefghij"u8.CopyTo(bytes.AsSpan(offset));
        await File.WriteAllBytesAsync(scratch["bad.bin"], bytes, Ct);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => AssetScan.DigestAsync(scratch["bad.bin"], token, Ct));

        Assert.AreEqual(Fault.AssetReveals, failure.Fault);
        Assert.DoesNotContain("CANARY", failure.Message, StringComparison.Ordinal);
        Assert.AreEqual(await Digest.OfFileAsync(clean, Ct), await AssetScan.DigestAsync(clean, token, Ct));
        Assert.AreEqual(Digest.Of(bytes), await AssetScan.DigestAsync(scratch["bad.bin"], null, Ct));
    }
}
