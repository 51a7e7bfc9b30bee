using System.Collections.Immutable;
using DotnetRelease.OpenPgp;

namespace DotnetRelease.Rpm;

/// <summary>
/// Writes a signature header anew with one signature in it. Digests and sizes stay, because what they cover stays; every other
/// signature goes. The space that rpmbuild reserved shrinks by what the signature takes, so that the payload keeps its place; when it
/// does not suffice the file grows.
/// </summary>
internal static class SignatureHeader
{
    private const byte Rsa = 1;
    private const int ListFormat = 6;

    private static readonly ImmutableArray<int> Dropped =
    [
        RpmSignatureTag.RsaHeader, RpmSignatureTag.DsaHeader, RpmSignatureTag.OpenPgp, RpmSignatureTag.Pgp, RpmSignatureTag.Gpg, RpmSignatureTag.Pgp5,
        RpmSignatureTag.ReservedSpace, RpmSignatureTag.Reserved,
    ];

    /// <summary>The whole header with the padding after it. Format 6 has one tag for every kind of key and keeps signatures as text.</summary>
    internal static byte[] With(RpmPackage package, OpenPgpSignature signature)
    {
        var old = package.Signature;
        var draft = new HeaderDraft(RpmTag.HeaderSignatures);
        foreach (var entry in old.Entries.Where(entry => !Dropped.Contains(entry.Tag)))
        {
            draft.Add(old, entry);
        }

        if (package.Format >= ListFormat)
        {
            draft.Add(RpmSignatureTag.OpenPgp, [Convert.ToBase64String(signature.Packet.Span)]);
        }
        else
        {
            draft.Add(signature.KeyAlgorithm is Rsa ? RpmSignatureTag.RsaHeader : RpmSignatureTag.DsaHeader, signature.Packet);
        }

        var plain = draft.ToPaddedBytes();
        var reserve = old.Entries.FirstOrDefault(entry => entry.Tag is RpmSignatureTag.ReservedSpace or RpmSignatureTag.Reserved);
        var room = old.Bytes.Length - draft.ToBytes().Length - RpmHeaderParser.EntryLength;
        if (reserve.Count is 0 || room <= 0)
        {
            return plain;
        }

        // Bytes need no alignment, so that nothing behind the room moves more than it has to; if it does, the file grows instead.
        draft.AddRoom(reserve.Tag, room);
        return draft.ToBytes().Length == old.Bytes.Length ? draft.ToPaddedBytes() : plain;
    }
}
