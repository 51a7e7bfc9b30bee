using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Processes;

[TestClass]
public sealed class GpgStatusTests
{
    private const string Fpr = "107166EE615652E6EAA108691CF5C21A9C335D29";
    private const string Valid = $"[GNUPG:] VALIDSIG {Fpr} 2026-11-20 1795206477 0 4 0 1 8 00 {Fpr}\n";
    private const string Good = $"[GNUPG:] NEWSIG\n[GNUPG:] KEY_CONSIDERED {Fpr} 0\n[GNUPG:] GOODSIG 1CF5C21A9C335D29 a <a@x>\n{Valid}";

    [TestMethod]
    public void One_good_and_valid_signature_is_good()
    {
        var signature = GpgStatus.Parse(Good).Good();

        Assert.AreEqual(new GpgSignature(Fpr, Fpr, DateTimeOffset.FromUnixTimeSeconds(1795206477), 8) { Class = "00" }, signature);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[GNUPG:] NODATA 1\n")]
    [DataRow(Good + Good)]
    [DataRow(Good + "[GNUPG:] BADSIG 1CF5C21A9C335D29 b\n")]
    [DataRow(Good + "[GNUPG:] EXPKEYSIG 1CF5C21A9C335D29 b\n")]
    [DataRow(Good + "[GNUPG:] REVKEYSIG 1CF5C21A9C335D29 b\n")]
    [DataRow(Good + "[GNUPG:] EXPSIG 1CF5C21A9C335D29 b\n")]
    [DataRow(Good + "[GNUPG:] NO_PUBKEY 1CF5C21A9C335D29\n")]
    [DataRow(Good + "[GNUPG:] FAILURE gpg-exit 33554433\n")]
    [DataRow("[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 1CF5C21A9C335D29 a\n")]
    [DataRow("[GNUPG:] NEWSIG\n" + Valid)]
    [DataRow("[GNUPG:] GOODSIG 1CF5C21A9C335D29 a\n" + Valid)]
    [DataRow("[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 1CF5C21A9C335D29 a\n[GNUPG:] VALIDSIG 1CF5C21A9C335D29 2026-11-20 1795206477 0 4 0 1 8 00 1CF5C21A9C335D29\n")]
    [DataRow("[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 1CF5C21A9C335D29 a\n[GNUPG:] VALIDSIG " + Fpr + " 2026-11-20\n")]
    [DataRow("gpg: Good signature\n [GNUPG:] NEWSIG\n x[GNUPG:] GOODSIG 1CF5C21A9C335D29 a\n " + Valid)]
    public void Anything_besides_or_instead_is_not_good(string text) => Assert.IsNull(GpgStatus.Parse(text).Good());

    [TestMethod]
    public void A_user_id_cannot_smuggle_a_line_in()
    {
        // gpg escapes line ends in names; what looks like a keyword inside a line is not one.
        var status = GpgStatus.Parse($"[GNUPG:] NEWSIG\n[GNUPG:] BADSIG 1CF5C21A9C335D29 [GNUPG:] GOODSIG [GNUPG:] VALIDSIG {Fpr}\n");

        Assert.IsNull(status.Good());
        Assert.IsNull(status.Valid());
        Assert.AreEqual(0, status.Count("GOODSIG"));
    }
}
