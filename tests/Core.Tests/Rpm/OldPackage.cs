using System.Buffers.Binary;
using System.Security.Cryptography;
using DotnetRelease.Fixtures;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

/// <summary>Makes packages as rpm 3 wrote them out of those of today: headers without regions, one signature over header and payload.</summary>
internal static class OldPackage
{
    private const int Intro = 16;
    private const int Entry = 16;

    /// <param name="source">A package of format 4.</param>
    /// <param name="target">Where the old one goes.</param>
    /// <param name="key">Who signs header and payload, or null.</param>
    /// <param name="options">For gpg.</param>
    internal static async Task WriteAsync(string source, string target, TestKey? key, params string[] options)
    {
        var package = await RpmPackage.ReadAsync(source, CancellationToken.None);
        var payload = (await File.ReadAllBytesAsync(source, CancellationToken.None))[(int)package.PayloadOffset..];
        await PutAsync(package, target, [.. WithoutRegion(package.Header.Bytes.Span), .. payload], await SignatureAsync([.. WithoutRegion(package.Header.Bytes.Span), .. payload], key, options), withRegion: false);
    }

    /// <summary>The same with a main header of format 4; the old signature stands beside whatever signs the header.</summary>
    internal static async Task AddSignatureAsync(string source, string target, TestKey key)
    {
        var package = await RpmPackage.ReadAsync(source, CancellationToken.None);
        var covered = (await File.ReadAllBytesAsync(source, CancellationToken.None))[(int)package.Header.Offset..];
        await PutAsync(package, target, covered, await SignatureAsync(covered, key, []), withRegion: true);
    }

    private static async Task<ReadOnlyMemory<byte>> SignatureAsync(byte[] covered, TestKey? key, string[] options) => key is null
        ? ReadOnlyMemory<byte>.Empty
        : (await Exec.ReadAsync(key.Gpg.Command([.. options, "--local-user", key.Fingerprint, "--detach-sign"]) with { Input = covered }, CancellationToken.None)).OutputBytes;

    private static async Task PutAsync(RpmPackage package, string target, byte[] covered, ReadOnlyMemory<byte> signature, bool withRegion)
    {
        var draft = new HeaderDraft(RpmTag.HeaderSignatures);
        foreach (var entry in withRegion ? package.Signature.Entries.Where(entry => entry.Tag is not (RpmSignatureTag.Reserved or RpmSignatureTag.ReservedSpace)) : [])
        {
            draft.Add(package.Signature, entry);
        }

        if (!withRegion)
        {
            draft.Add(RpmSignatureTag.Size, covered.Length);
#pragma warning disable CA5351 // rpm 3 had nothing else.
            draft.Add(RpmSignatureTag.Md5, MD5.HashData(covered));
#pragma warning restore CA5351
        }

        if (!signature.IsEmpty)
        {
            draft.Add(OpenPgpSignature.TryParse(signature)?.KeyAlgorithm is 1 ? RpmSignatureTag.Pgp : RpmSignatureTag.Gpg, signature);
        }

        var header = withRegion ? draft.ToBytes() : WithoutRegion(draft.ToBytes());
        await File.WriteAllBytesAsync(target, [.. package.Lead.Bytes.Span, .. header, .. new byte[-header.Length & 7], .. covered], CancellationToken.None);
    }

    /// <summary>The first entry and the last 16 bytes go.</summary>
    private static byte[] WithoutRegion(ReadOnlySpan<byte> header)
    {
        var (count, length) = (BinaryPrimitives.ReadInt32BigEndian(header[8..]), BinaryPrimitives.ReadInt32BigEndian(header[12..]));
        byte[] old = [.. header[..Intro], .. header[(Intro + Entry)..^Entry]];
        BinaryPrimitives.WriteInt32BigEndian(old.AsSpan(8), count - 1);
        BinaryPrimitives.WriteInt32BigEndian(old.AsSpan(12), length - Entry);
        return old;
    }
}
