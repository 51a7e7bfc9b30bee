using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Processes;

[TestClass]
public sealed class GpgColonsTests
{
    private const string Primary = "107166EE615652E6EAA108691CF5C21A9C335D29";
    private const string Subkey = "22C5F97AD625A981E22C01D62C85172869C2CE70";

    private const string Text = $"""
        tru::1:1795206452:0:3:1:5
        sec:u:3072:1:1CF5C21A9C335D29:1795206452:::u:::scSC:::+:::23::0:
        fpr:::::::::{Primary}:
        grp:::::::::F0A1916B982782B5D39508452267BECEA3210D98:
        uid:u::::1795206452::0F099418D690943BA201D437CB86CD33C36EA20D::A\x3aB \xe2 <a@x>::::::::::0:
        sig:::1:1CF5C21A9C335D29:1795206452::::a <a@x>:13x::{Primary}:::10:
        sig:::1:AAAAAAAAAAAAAAAA:1795206999::::stranger:10x::AAAA:::2:
        ssb:e:255:22:2C85172869C2CE70:1795206552:1795608000:::::s:::#::ed25519::
        fpr:::::::::{Subkey}:
        sig:::1:1CF5C21A9C335D29:1795206552::::a <a@x>:18x::{Primary}:::2:
        new:unknown:kind:of:line
        """;

    [TestMethod]
    public void Keys_subkeys_and_names_are_read()
    {
        var certificate = GpgColons.Parse(Text).Single();

        Assert.AreEqual(Primary, certificate.Fingerprint);
        CollectionAssert.AreEqual(new[] { "A:B \u00E2 <a@x>" }, certificate.UserIds.ToArray());
        Assert.AreEqual(
            new GpgKey(Primary, DateTimeOffset.FromUnixTimeSeconds(1795206452), null) { Validity = 'u', Algorithm = 1, Bits = 3072, CanSign = true, HasSecret = true, SelfSignatureHash = 10, Keygrip = "F0A1916B982782B5D39508452267BECEA3210D98" },
            certificate.Primary);
        Assert.AreEqual(
            new GpgKey(Subkey, DateTimeOffset.FromUnixTimeSeconds(1795206552), DateTimeOffset.FromUnixTimeSeconds(1795608000))
            {
                Validity = 'e',
                Algorithm = 22,
                Bits = 255,
                CanSign = true,
                HasSecret = false,
                SelfSignatureHash = 2,
            },
            certificate.Subkeys.Single());
        Assert.AreEqual("expired on 2026-11-25", certificate.Subkeys[0].Unusable);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("gpg: no such key\n")]
    [DataRow("fpr:::::::::" + Primary)]
    [DataRow("uid:u")]
    [DataRow("sub:\nssb\nsig:::")]
    public void Text_without_a_primary_key_has_no_certificates(string text) => Assert.IsEmpty(GpgColons.Parse(text));

    [TestMethod]
    public void Broken_fields_give_a_key_that_is_good_for_nothing()
    {
        var key = GpgColons.Parse("pub:?:x:y:z:-1:99999999999999999999::").Single().Primary;

        Assert.AreEqual(("", false, false, 0), (key.Fingerprint, key.CanSign, key.HasSecret, key.Bits));
    }
}
