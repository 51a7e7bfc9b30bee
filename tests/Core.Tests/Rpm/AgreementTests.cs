using System.Collections.Immutable;
using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

/// <summary>
/// rpmkeys with every check on is the judge: what it refuses we refuse, and what it takes we take, except for the classes that
/// <see cref="Stricter"/> names. <c>DOTNET_RELEASE_TEST_RPMS</c> names a folder with more RPMs to do the same with.
/// </summary>
[TestClass]
public sealed class AgreementTests(TestContext test)
{
    private const int Patience = 300_000;
    private const string Good = "digests signatures OK";

    /// <summary>
    /// Where we refuse and rpm 4.18 does not: a signature only in the way of rpm 3 or with SHA-1; a header in which a tag is there twice, a
    /// lead that contradicts itself, padding with something in it; a signature that rpm 6 would not take.
    /// </summary>
    private static readonly RpmVerdictKind[] Stricter = [RpmVerdictKind.OldForm, RpmVerdictKind.Weak, RpmVerdictKind.Unreadable, RpmVerdictKind.BadSignature];

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("rsa")]
    [DataRow("rsa with sha512")]
    [DataRow("ed25519")]
    [DataRow("subkey")]
    [DataRow("source")]
    [DataRow("old and new")]
    [DataRow("old only")]
    [DataRow("written by us")]
    [DataRow("unsigned")]
    public async Task On_every_change_of_a_byte_we_are_as_strict_as_rpm(string kind)
    {
        using var scratch = new Scratch();
        var (file, key) = await MakeAsync(kind, scratch);

        await CompareAsync(file, key, changes: 250, scratch);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_same_holds_for_rpms_that_others_made()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_RELEASE_TEST_RPMS") is not { Length: > 0 } folder)
        {
            Assert.Inconclusive("DOTNET_RELEASE_TEST_RPMS names no folder.");
            return;
        }

        var key = await TestKey.Rsa;
        foreach (var file in Directory.EnumerateFiles(folder, "*.rpm").Order(StringComparer.Ordinal))
        {
            using var scratch = new Scratch();
            await CompareAsync(file, key, changes: 40, scratch);
            try
            {
                await SignedBy.GpgAsync(file, scratch["signed.rpm"], key, "--digest-algo", "SHA256");
            }
            catch (ReleaseException)
            {
                continue;
            }

            await CompareAsync(scratch["signed.rpm"], key, changes: 40, scratch);
        }
    }

    private async Task CompareAsync(string file, TestKey key, int changes, Scratch scratch)
    {
        var files = await MutateAsync(file, changes, scratch.Folder(Guid.NewGuid().ToString("n")));
        await using var verifier = await RpmVerifier.OpenAsync([await key.PublicAsync()], Ct);

        // The original first: from its signature on, plain arithmetic is done without gpg, which is what has to agree.
        var ours = await verifier.VerifyAsync([file, .. files], Ct);
        var theirs = await RpmJudge.CheckAsync([file, .. files], key);

        test.WriteLine($"{Path.GetFileName(file)}: {theirs.Length} files, {theirs.Count(answer => answer is Good)} taken by rpm, {ours.Count(one => one.Verdict.IsGood)} by us");
        for (var index = 0; index < theirs.Length; index++)
        {
            var (verdict, answer) = (ours[index].Verdict, theirs[index]);
            Assert.IsFalse(verdict.IsGood && answer is not Good, $"{ours[index].Path}: rpm says '{answer}', and we take it.");
            Assert.IsFalse(!verdict.IsGood && answer is Good && !Stricter.Contains(verdict.Kind), $"{ours[index].Path}: rpm takes it, and we say it {verdict.Text}.");

            // Beside a signature over the header rpm misses the digest of the payload, and so do we, by another name.
            Assert.IsFalse(ours[index].File is not null && verdict.Kind is not RpmVerdictKind.PayloadNotCovered && answer.StartsWith("DIGESTS", StringComparison.Ordinal), $"{ours[index].Path}: rpm says '{answer}', and we found all digests right.");
        }
    }

    /// <summary>One byte in each copy: a third in what stands before the main header, a third in the header, a third behind; besides, cut ones and longer ones.</summary>
    private static async Task<ImmutableArray<string>> MutateAsync(string file, int count, string folder)
    {
        var original = await File.ReadAllBytesAsync(file);
        var random = new Random(20261127);
        var (header, payload) = await BordersAsync(file, original.Length);
        var files = ImmutableArray.CreateBuilder<string>();
        for (var number = 0; number < count; number++)
        {
            var (from, to) = (number % 3) switch
            {
                0 => (0, Math.Min(header, 2048)),
                1 => (header, payload),
                _ => (payload, original.Length),
            };
            var bytes = original.ToArray();
            if (from < to)
            {
                bytes[random.Next(from, to)] ^= (byte)(1 << random.Next(8));
            }

            await AddAsync(bytes);
        }

        await AddAsync([.. original, 0]);
        foreach (var length in (int[])[original.Length - 1, payload, (header + payload) / 2, header, 100, 96, 4, 0])
        {
            await AddAsync(original[..Math.Min(length, original.Length)]);
        }

        return files.ToImmutable();

        async Task AddAsync(byte[] bytes)
        {
            files.Add(Path.Combine(folder, $"{files.Count}.rpm"));
            await File.WriteAllBytesAsync(files[^1], bytes);
        }
    }

    private static async Task<(int Header, int Payload)> BordersAsync(string file, int length)
    {
        try
        {
            var package = await RpmPackage.ReadAsync(file, CancellationToken.None);
            return ((int)package.Header.Offset, (int)package.PayloadOffset);
        }
        catch (ReleaseException)
        {
            return (length / 2, length / 2);
        }
    }

    private static async Task<(string File, TestKey Key)> MakeAsync(string kind, Scratch scratch)
    {
        var built = await RpmFactory.BuildAsync(new("agreement"));
        var file = scratch["original.rpm"];
        var key = kind switch
        {
            "ed25519" => await TestKey.Ed25519,
            "subkey" => await TestKey.RsaWithSubkey,
            _ => await TestKey.Rsa,
        };
        switch (kind)
        {
            case "unsigned":
                File.Copy(built.Binary, file);
                break;
            case "old only":
                await OldPackage.WriteAsync(built.Binary, file, key, "--digest-algo", "SHA256");
                break;
            case "old and new":
                await SignedBy.GpgAsync(built.Binary, scratch["new.rpm"], key, "--digest-algo", "SHA256");
                await OldPackage.AddSignatureAsync(scratch["new.rpm"], file, key);
                break;
            case "written by us":
                await RpmWriter.WriteAsync(
                    new RpmDraft(new Nevra("own", 0, "1", "1", "noarch"), "Own", "MIT", DateTimeOffset.UnixEpoch) { Files = [new RpmDraftFile("/etc/own", "own"u8.ToArray())] }, scratch["own.rpm"], CancellationToken.None);
                await SignedBy.GpgAsync(scratch["own.rpm"], file, key, "--digest-algo", "SHA256");
                break;
            default:
                await SignedBy.GpgAsync(kind is "source" ? built.Source : built.Binary, file, key, "--digest-algo", kind is "rsa with sha512" ? "SHA512" : "SHA256");
                break;
        }

        return (file, key);
    }
}
