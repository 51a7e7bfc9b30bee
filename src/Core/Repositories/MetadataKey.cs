using System.Collections.Immutable;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>
/// The key that signs repomd.xml, found usable. Always the primary key: gpg would take the newest subkey, and dnf5 and zypper may
/// refuse metadata that a subkey signed.
/// </summary>
public sealed class MetadataKey
{
    private readonly Gpg _gpg;
    private readonly SigningKey _key;

    private MetadataKey(Gpg gpg, SigningKey key, ReadOnlyMemory<byte> publicKey) => (_gpg, _key, PublicKey) = (gpg, key, publicKey);

    /// <summary>Of the primary key.</summary>
    public string Fingerprint => _key.Certificate.Fingerprint;

    /// <summary>The certificate as clients import it, armored.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>Public keys that clients are to know besides: the next one before it signs, and those that signed before.</summary>
    internal ImmutableArray<PublicKey> Companions { get; private init; } = [];

    /// <summary>The same key with others beside it, taken from its keyring or else from the user's own.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyUnusable"/>: one is in neither.</exception>
    public async Task<MetadataKey> WithCompanionsAsync(ImmutableArray<string> fingerprints, CancellationToken ct) =>
        new(_gpg, _key, PublicKey) { Companions = [.. await Task.WhenAll(fingerprints.Select(fingerprint => Repositories.PublicKey.FindAsync(_gpg, fingerprint, ct)))] };

    /// <summary>Looks for the secret part and whether it may sign; nothing is signed and no passphrase is asked for.</summary>
    /// <param name="gpg">The home with the secret key.</param>
    /// <param name="name">The full fingerprint of the primary key or of one of its subkeys, with or without a closing <c>!</c>.</param>
    /// <param name="ct">Ends gpg.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyNameMalformed"/>, <see cref="Fault.KeyUnusable"/> or <see cref="Fault.KeyRefused"/>.</exception>
    public static async Task<MetadataKey> FindAsync(Gpg gpg, string name, CancellationToken ct)
    {
        var named = await SigningKey.FindAsync(gpg, name, ct);
        var primary = await SigningKey.FindAsync(gpg, named.Certificate.Fingerprint + "!", ct);
        return new MetadataKey(gpg, primary, await gpg.ExportAsync(primary.Certificate.Fingerprint, armor: true, ct));
    }

    /// <summary>Signs a repomd.xml, detached and armored.</summary>
    internal async Task<SignedRepomd> SignAsync(byte[] repomd, CancellationToken ct)
    {
        await using var session = await KeySession.OpenAsync(_gpg, _key, ct);
        var signature = await session.SignAsync(repomd, ct);
        return new SignedRepomd(repomd, OpenPgpArmor.OfSignature(signature.Span));
    }
}
