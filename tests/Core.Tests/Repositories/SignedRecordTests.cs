using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Repositories;

[TestClass]
public sealed class SignedRecordTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_signed_record_can_be_checked_by_hand_and_by_us()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Rsa;
        var file = await SignedAsync(key);

        await using var trusted = await RpmVerifier.OpenAsync([await key.PublicAsync()], Ct);
        var record = await SignedRecord.OpenAsync(file, "record", trusted, Ct);

        Assert.AreEqual("demo-qa", record.Repository);
        await File.WriteAllBytesAsync(scratch["revision.signed"], file, Ct);
        await Exec.ReadAsync(new Command("sh", "-c", "sed '/^-----BEGIN/,$d' revision.signed > json; sed -n '/^-----BEGIN/,$p' revision.signed > asc") { WorkingDirectory = scratch.Root }, Ct);
        await Exec.ReadAsync(key.Gpg.Command("--verify", scratch["asc"], scratch["json"]), Ct);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Another_byte_another_key_or_a_piece_of_it_is_refused()
    {
        var key = await TestKey.Rsa;
        var file = await SignedAsync(key);
        var text = Encoding.UTF8.GetString(file);
        await using var trusted = await RpmVerifier.OpenAsync([await key.PublicAsync()], Ct);
        await using var other = await RpmVerifier.OpenAsync([await (await TestKey.Ed25519).PublicAsync()], Ct);

        Assert.AreEqual(Fault.RepositoryUnverified, await FaultAsync(text.Replace("demo-qa", "demo-qb", StringComparison.Ordinal), trusted));
        Assert.AreEqual(Fault.RepositoryUnverified, await FaultAsync(" " + text, trusted));
        Assert.AreEqual(Fault.RepositoryUnverified, await FaultAsync(text, other));
        Assert.AreEqual(Fault.RecordMalformed, await FaultAsync(text[..^1], trusted));
        Assert.AreEqual(Fault.RecordMalformed, await FaultAsync(text[..text.IndexOf("-----BEGIN", StringComparison.Ordinal)], trusted));
        Assert.AreEqual(Fault.RecordMalformed, await FaultAsync(text + "\n", trusted));
        Assert.AreEqual(Fault.RecordMalformed, await FaultAsync("", trusted));
    }

    private async Task<Fault> FaultAsync(string text, RpmVerifier trusted) =>
        (await Assert.ThrowsExactlyAsync<ReleaseException>(() => SignedRecord.OpenAsync(Encoding.UTF8.GetBytes(text), "record", trusted, Ct))).Fault;

    private async Task<byte[]> SignedAsync(TestKey key)
    {
        var change = new RecordedChange("demo-qa", RecordedAct.Created, new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero)) { Revision = 1, Repomd = Digest.Of("1"), Now = [] };
        return await SignedRecord.SignAsync(RevisionRecord.After(null, change), await MetadataKey.FindAsync(key.Gpg, key.Fingerprint, Ct), Ct);
    }
}
