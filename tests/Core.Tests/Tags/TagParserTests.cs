using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DotnetRelease.OpenPgp;
using DotnetRelease.Tags;
using FsCheck;
using FsCheck.Fluent;

namespace DotnetRelease.Core.Tests.Tags;

/// <summary>The parsers of everything that a stranger can send: whatever the bytes are, the answer is a value or a refusal.</summary>
[TestClass]
public sealed class TagParserTests
{
    private static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(2000);

    /// <summary>What a tag is made of, and what one could try to smuggle into it; random bytes alone get past no first line.</summary>
    private static readonly string[] Pieces =
    [
        $"object {new string('c', 40)}\n", "type commit\n", "type tree\n", "tag v1.0.0\n", "tag v1\u001b[2J\n", "tag ../../x\n", "tagger A <a@b> 1 +0000\n",
        "tagger A <a@b> 99999999999 +0000\n", "tagger <> 1 +0000\n", "\n", "\r\n", "\0", "message\n", "-----BEGIN PGP SIGNATURE-----\n", "-----END PGP SIGNATURE-----\n",
        "-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n", "-----BEGIN PGP MESSAGE-----\n", "AAAA\n", "\u00ff", "-----",
    ];

    [TestMethod]
    public void Only_a_refusal_leaves_the_parser_of_tags_whatever_they_are_made_of() =>
        Check.One(Often, Prop.ForAll(Gen.ListOf(Gen.OneOf(Gen.Elements(Pieces), Gen.Constant(string.Concat(Pieces[0], Pieces[1], Pieces[3], Pieces[6], Pieces[9])))).ToArbitrary(), pieces =>
        {
            var raw = Encoding.Latin1.GetBytes(string.Concat(pieces));
            return Outcome(() => TagObject.Parse(raw, IdOf(raw))) is var tag
                && (tag is null || (raw.AsSpan().StartsWith(tag.Payload.Span) && TagName.IsValid(tag.Name) && !tag.Payload.Span.Contains((byte)0)));
        }));

    [TestMethod]
    public void Only_a_refusal_leaves_the_parser_of_tags_when_bytes_of_a_good_one_change() => Check.One(Often, Prop.ForAll<ushort, byte>((at, value) =>
    {
        var raw = Encoding.ASCII.GetBytes(
            $"object {new string('c', 40)}\ntype commit\ntag v1.0.0\ntagger A <a@b> 1 +0000\n\nmessage\n-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n");
        raw[at % raw.Length] = value;
        var tag = Outcome(() => TagObject.Parse(raw, IdOf(raw)));
        return tag?.Signature is null || tag.Signature.Text.Length + tag.Payload.Length + 1 == raw.Length;
    }));

    [TestMethod]
    public void Any_bytes_are_an_ssh_signature_or_refused() => Check.One(Often, Prop.ForAll<byte[], ushort>((bytes, cut) =>
    {
        byte[] framed = [.. "SSHSIG"u8, 0, 0, 0, 1, 0, 0, 0, (byte)(cut % 8), .. bytes];
        foreach (var content in (byte[][])[bytes, framed])
        {
            var signature = SshSignature.TryParse($"-----BEGIN SSH SIGNATURE-----\n{Convert.ToBase64String(content)}\n-----END SSH SIGNATURE-----", out var refusal);
            if (signature is null == refusal.Length is 0)
            {
                return false;
            }
        }

        return true;
    }));

    [TestMethod]
    public void Any_bytes_are_certificates_or_refused() => Check.One(Often, Prop.ForAll<byte[], byte>((bytes, tag) =>
    {
        byte[] packet = [(byte)(0xC0 | (tag & 0x3F)), (byte)Math.Min(bytes.Length, 191), .. bytes];
        var (all, refusal) = (OpenPgpCertificate.ReadAll(bytes, out _), "");
        var more = OpenPgpCertificate.ReadAll([.. packet, .. bytes], out refusal);
        return all.Concat(more).All(each => each.Fingerprint.Length is 40 or 64) && refusal.Length > 0;
    }));

    [TestMethod]
    public void Any_text_is_a_list_or_refused() => Check.One(Often, Prop.ForAll<string[]>(lines =>
    {
        var text = string.Join('\n', lines.Select((line, at) => at % 3 is 0 ? "[[maintainer]]" : $"{line} = [\"{line}\"]"));
        _ = Outcome(() => MaintainerList.Parse(Encoding.UTF8.GetBytes(text), new('c', 40)));
        return true;
    }));

    [TestMethod]
    [DataRow("python3-*", "python3-pyside6", true)]
    [DataRow("python3-*", "python3-", true)]
    [DataRow("python3-*", "python3", false)]
    [DataRow("*", "", true)]
    [DataRow("*-*-x", "a-b-c-x", true)]
    [DataRow("*-*-x", "a-x", false)]
    [DataRow("a?c", "abc", true)]
    [DataRow("a?c", "ac", false)]
    [DataRow("glibc", "glibc-common", false)]
    [DataRow("a.c", "abc", false)]
    public void A_pattern_has_to_fit_the_whole_name(string pattern, string name, bool fits) => Assert.AreEqual(fits, new NamePattern(pattern).Matches(name));

    [TestMethod]
    [Timeout(10_000)]
    public void A_pattern_of_many_stars_takes_no_time() => Assert.IsFalse(new NamePattern(string.Concat(Enumerable.Repeat("a*", 60)) + "b").Matches(new string('a', 128)));

    [TestMethod]
    [DataRow("v1.0.0", true)]
    [DataRow("release/1.0", true)]
    [DataRow("-x", false)]
    [DataRow("a..b", false)]
    [DataRow("a b", false)]
    [DataRow("a~1", false)]
    [DataRow("a^{}", false)]
    [DataRow("a:b", false)]
    [DataRow("a\nb", false)]
    [DataRow("x.lock", false)]
    [DataRow("a//b", false)]
    [DataRow("/a", false)]
    [DataRow("a/", false)]
    [DataRow(".a", false)]
    [DataRow("a.", false)]
    [DataRow("@{u}", false)]
    [DataRow("", false)]
    public void A_name_is_one_that_git_could_have_and_nothing_takes_for_something_else(string name, bool valid) => Assert.AreEqual(valid, TagName.IsValid(name));

    private static T? Outcome<T>(Func<T> parse)
        where T : class
    {
        try
        {
            return parse();
        }
        catch (ReleaseException)
        {
            return null;
        }
    }

    private static string IdOf(byte[] raw)
    {
#pragma warning disable CA5350 // As git names objects.
        return Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"tag {raw.Length}\0")), .. raw]));
#pragma warning restore CA5350
    }
}
