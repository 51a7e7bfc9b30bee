using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.OpenPgp;

namespace DotnetRelease.Core.Tests;

[TestClass]
public sealed class OpenPgpArmorTests(TestContext test)
{
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_gpg_writes_is_whole_and_no_byte_of_it_can_be_missed()
    {
        var key = await TestKey.Ed25519;
        var whole = (await key.Gpg.SignAsync(key.Fingerprint + "!", new byte[100], armor: true, test.CancellationToken)).ToArray();

        Assert.IsTrue(OpenPgpArmor.IsWholeSignature(whole));
        for (var at = 0; at < whole.Length; at++)
        {
            // Line ends inside the text may move; that is how mail carried signatures. gpg still judges what they enclose.
            if (whole[at] is (byte)'\n' && at < whole.Length - 1)
            {
                continue;
            }

            byte[] cut = [.. whole[..at], .. whole[(at + 1)..]];
            Assert.IsFalse(OpenPgpArmor.IsWholeSignature(cut), $"without byte {at} of {whole.Length}");
        }
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("\n")]
    [DataRow("-----BEGIN PGP SIGNATURE-----\n-----END PGP SIGNATURE-----\n")]
    [DataRow("-----BEGIN PGP SIGNATURE-----\n\n!!!!\n-----END PGP SIGNATURE-----\n")]
    [DataRow("-----BEGIN PGP SIGNATURE-----\n\nAAAA\n=AAAA\n-----END PGP SIGNATURE-----\n")]
    [DataRow("-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n")]
    [DataRow("-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n")]
    public void Anything_else_is_not(string text) => Assert.IsFalse(OpenPgpArmor.IsWholeSignature(Encoding.ASCII.GetBytes(text)));

    [TestMethod]
    public void Headers_of_the_armor_and_a_missing_checksum_are_allowed() =>
        Assert.IsTrue(OpenPgpArmor.IsWholeSignature("-----BEGIN PGP SIGNATURE-----\r\nComment: by hand\r\n\r\nAAAA\r\n-----END PGP SIGNATURE-----\r\n"u8));
}
