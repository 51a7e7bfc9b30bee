namespace DotnetRelease.Core.Tests;

[TestClass]
public sealed class DigestTests
{
    [TestMethod]
    [DataRow("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [DataRow("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void Hex_with_and_without_the_algorithm_is_the_same_digest(string text)
    {
        Assert.IsTrue(Digest.TryParse(text, out var digest));

        Assert.AreEqual(Digest.Of([]), digest);
        Assert.AreEqual("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", digest.ToString());
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("")]
    [DataRow("sha256:")]
    [DataRow("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85")]
    [DataRow("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [DataRow("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [DataRow("sha256:../../../../../../../../../../../../../../../../../../etc/passwd")]
    public void Anything_else_is_no_digest(string? text) => Assert.IsFalse(Digest.TryParse(text, out _));

    [TestMethod]
    [DataRow("sha512:")]
    [DataRow("")]
    public void Sha512_is_read_only_where_it_was_asked_for(string prefix)
    {
        var text = prefix + new string('a', 128);

        Assert.IsFalse(Digest.TryParse(text, out _));
        Assert.IsTrue(Digest.TryParseAny(text, out var digest));
        Assert.AreEqual(("sha512", "sha512:" + new string('a', 128)), (digest.Algorithm, digest.ToString()));
        Assert.IsTrue(Digest.TryParseAny(Digest.Of([]).ToString(), out var other) && other.Algorithm is "sha256");
        Assert.IsFalse(Digest.TryParseAny("sha256:" + new string('a', 128), out _));
        Assert.IsFalse(Digest.TryParseAny("sha512:" + new string('a', 64), out _));
        Assert.IsFalse(Digest.TryParseAny(new string('A', 128), out _));
    }

    [TestMethod]
    public void A_default_digest_is_loud() => Assert.ThrowsExactly<InvalidOperationException>(() => default(Digest).Hex);
}
