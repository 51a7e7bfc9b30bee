using DotnetRelease.OpenPgp;

namespace DotnetRelease.Rpm;

/// <summary>
/// Finds the signatures over the header: the two tags of version 4 packages, named after RSA and DSA (EdDSA and ECDSA share the
/// latter), and the list of rpm 6.
/// </summary>
internal static class HeaderSignatures
{
    /// <summary>rpm 6 sets no limit; nobody signs a package more often.</summary>
    private const int Most = 16;

    private static readonly int[] Old = [RpmSignatureTag.Pgp, RpmSignatureTag.Gpg, RpmSignatureTag.Pgp5];

    /// <summary>Those of rpm 3, which cover header and payload together. Null stands for one that cannot be understood.</summary>
    internal static IEnumerable<OpenPgpSignature?> OldOnes(RpmPackage package) =>
        from tag in Old
        let bytes = package.Signature.Binary(tag)
        where bytes is not null
        select OpenPgpSignature.TryParse(bytes.Value);

    /// <summary>Null stands for a signature that is there and cannot be understood.</summary>
    internal static IEnumerable<OpenPgpSignature?> Of(RpmPackage package)
    {
        foreach (var tag in (int[])[RpmSignatureTag.RsaHeader, RpmSignatureTag.DsaHeader])
        {
            if (package.Signature.Binary(tag) is { } bytes)
            {
                yield return OpenPgpSignature.TryParse(bytes);
            }
        }

        var listed = package.Signature.Texts(RpmSignatureTag.OpenPgp);
        if (listed.Length > Most)
        {
            yield return null;
            yield break;
        }

        foreach (var text in listed)
        {
            var bytes = new byte[text.Length];
            yield return Convert.TryFromBase64String(text, bytes, out var count) ? OpenPgpSignature.TryParse(bytes.AsMemory(0, count)) : null;
        }
    }
}
