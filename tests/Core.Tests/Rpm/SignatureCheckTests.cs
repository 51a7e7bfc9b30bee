using System.Globalization;
using DotnetRelease.Fixtures;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

/// <summary>What is calculated here is never kinder than gpg.</summary>
[TestClass]
public sealed class SignatureCheckTests(TestContext test)
{
    private const int Patience = 120_000;
    private static readonly byte[] Data = "what is signed"u8.ToArray();

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("rsa2048", "SHA256", true)]
    [DataRow("rsa3072", "SHA384", true)]
    [DataRow("rsa4096", "SHA512", true)]
    [DataRow("nistp256", "SHA256", true)]
    [DataRow("nistp384", "SHA384", true)]
    [DataRow("nistp521", "SHA512", true)]
    [DataRow("ed25519", "SHA256", true)]
    [DataRow("ed25519", "SHA512", true)]
    [DataRow("brainpoolP256r1", "SHA256", false)]
    public async Task Of_every_changed_signature_gpg_says_the_same(string algorithm, string hash, bool isCalculated)
    {
        var key = await TestKey.MakeAsync(algorithm, "never", null);
        var keys = VettedKeys.Parse((await key.PublicAsync()).Span);
        var packet = (await SignAsync(key, "--digest-algo", hash)).ToArray();
        var original = OpenPgpSignature.TryParse(packet)!;

        // One bit of each byte, so also of the numbers, of the time, of the algorithms and of what is not hashed.
        var changed = Enumerable.Range(0, packet.Length).Select(at => OpenPgpSignature.TryParse((byte[])[.. packet[..at], (byte)(packet[at] ^ (1 << at % 8)), .. packet[(at + 1)..]]))
            .OfType<OpenPgpSignature>().ToList();
        var (calculated, judged) = await CompareAsync(key, keys, [original, .. changed]);

        Assert.AreEqual(isCalculated, calculated[0]);
        Assert.IsTrue(judged[0]);
        for (var index = 1; index < calculated.Length; index++)
        {
            Assert.IsFalse(calculated[index] && changed[index - 1].IsPlain && !judged[index], string.Create(CultureInfo.InvariantCulture, $"Change {index} is right here and wrong for gpg."));
        }

        Assert.IsGreaterThan(20, changed.Count);
        Assert.IsGreaterThan(5, judged.Count(good => !good));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task What_says_more_than_who_and_when_is_left_to_gpg()
    {
        var key = await TestKey.Rsa;
        (string[] Options, bool IsPlain)[] cases =
        [
            ([], true),
            (["--sig-notation", "note@example.org=harmless"], true),
            (["--sig-notation", "!note@example.org=critical"], false),
            (["--default-sig-expire", "1d"], false),
            (["--sig-policy-url", "https://example.org/policy"], false),
        ];

        foreach (var (options, isPlain) in cases)
        {
            Assert.AreEqual(isPlain, OpenPgpSignature.TryParse(await SignAsync(key, options))!.IsPlain, string.Join(' ', options));
        }
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_key_that_gpg_refuses_is_refused_for_every_signature_of_it()
    {
        using var scratch = new Scratch();
        var key = await TestKey.MakeAsync("rsa2048", "seconds=86400", null, "20200101T000000");
        var built = (await RpmFactory.BuildAsync(new("expired"))).Binary;
        string[] files = [.. Enumerable.Range(0, 5).Select(number => scratch[FormattableString.Invariant($"{number}.rpm")])];
        foreach (var file in files)
        {
            await SignedBy.GpgAsync(built, file, key, "--faked-system-time", "20200101T120000!", "--digest-algo", "SHA256");
        }

        await using var verifier = await RpmVerifier.OpenAsync([await key.PublicAsync()], Ct);

        Assert.IsTrue((await verifier.VerifyAsync([.. files], Ct)).All(result => result.Verdict.Kind is RpmVerdictKind.KeyExpired));
    }

    private async Task<ReadOnlyMemory<byte>> SignAsync(TestKey key, params string[] options) =>
        (await Exec.ReadAsync(key.Gpg.Command([.. options, "--local-user", key.Fingerprint, "--detach-sign"]) with { Input = Data }, Ct)).OutputBytes;

    private async Task<(bool[] Calculated, bool[] Judged)> CompareAsync(TestKey key, VettedKeys keys, List<OpenPgpSignature> signatures)
    {
        await using var home = await GpgHome.CreateAsync(Ct);
        await home.Gpg.ImportAsync(await key.PublicAsync(), Ct);
        var covered = signatures.Select(signature => CoveredSignature.Of(signature, Data)).ToList();

        // Each by a check of its own, which has learnt nothing yet: all of it is gpg's opinion.
        var found = await new SignatureCheck(home, VettedKeys.Parse([])).RunAsync(covered, Ct);
        return ([.. covered.Select(one => one.Hash is { } hash && keys.Fits(one.Packet, hash))], [.. covered.Select(one => found[one].Good is not null)]);
    }
}
