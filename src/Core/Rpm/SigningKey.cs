using System.Collections.Immutable;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>A key that was found fit to sign: there is a secret part, and nothing stands against it today.</summary>
public sealed record SigningKey
{
    private const int SoonDays = 30;

    private SigningKey(string selector, GpgCertificate certificate) => (Selector, Certificate) = (selector, certificate);

    /// <summary>What gpg gets: the full fingerprint, with <c>!</c> when exactly this key has to sign.</summary>
    public string Selector { get; }

    /// <summary>The certificate it belongs to.</summary>
    public GpgCertificate Certificate { get; }

    /// <summary>Whether exactly the named key has to sign.</summary>
    public bool IsExact => Selector.EndsWith('!');

    /// <summary>The key that will sign: the named one, else, as gpg chooses, the newest subkey that can, else the primary key.</summary>
    internal GpgKey? Signer => SignerOf(Certificate, IsExact ? Selector[..^1] : null);

    /// <inheritdoc cref="Signer"/>
    internal static GpgKey? SignerOf(GpgCertificate certificate, string? exact) => exact is not null
        ? certificate.Keys.FirstOrDefault(key => string.Equals(key.Fingerprint, exact, StringComparison.Ordinal))
        : certificate.Subkeys.Where(IsReady).MaxBy(key => key.Created) ?? (IsReady(certificate.Primary) ? certificate.Primary : null);

    /// <summary>What a maintainer should know today, such as an expiry that is near; null when there is nothing.</summary>
    public string? Warning => Certificate.Keys.Where(key => key.CanSign && key.Unusable is null && key.Expires < DateTimeOffset.UtcNow.AddDays(SoonDays))
        .Select(key => $"key {key.Fingerprint} expires on {key.Expires:yyyy-MM-dd}").FirstOrDefault();

    /// <summary>Whether a signature is one that this key would make.</summary>
    public bool Made(RpmSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return string.Equals(signature.PrimaryFingerprint, Certificate.Fingerprint, StringComparison.Ordinal)
            && (!IsExact || string.Equals(signature.SigningFingerprint, Selector[..^1], StringComparison.Ordinal));
    }

    /// <summary>Finds the key in the user's keyring and checks it, without touching the secret part.</summary>
    /// <param name="gpg">Where to look.</param>
    /// <param name="name">A full fingerprint, with or without a closing <c>!</c>.</param>
    /// <param name="ct">Ends gpg.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyNameMalformed"/>, <see cref="Fault.KeyUnusable"/> or <see cref="Fault.KeyRefused"/>.</exception>
    public static async Task<SigningKey> FindAsync(Gpg gpg, string name, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(gpg);
        ArgumentNullException.ThrowIfNull(name);
        var fingerprint = FingerprintOf(name) ?? throw NotAFingerprint(name, await gpg.ListSecretAsync("", ct));

        await gpg.CheckSocketAsync(ct);
        var secret = (await gpg.ListSecretAsync(fingerprint, ct)).FirstOrDefault();
        if (secret is null)
        {
            throw new ReleaseException(Fault.KeyUnusable, $"There is no secret key {fingerprint} in {gpg.Where}; nothing was signed.")
            {
                Remedy = await AcceptableAsync(gpg, ct),
            };
        }

        var key = new SigningKey(name.EndsWith('!') ? fingerprint + "!" : fingerprint, secret);
        if (key.Objection(fingerprint) is { } objection)
        {
            throw new ReleaseException(Fault.KeyRefused, $"Key {fingerprint} {objection}; nothing was signed.") { Remedy = await AcceptableAsync(gpg, ct) };
        }

        return key;
    }

    /// <summary>The fingerprint of a name that is one, with or without a closing <c>!</c>; else null.</summary>
    internal static string? FingerprintOf(string name)
    {
        var fingerprint = (name.EndsWith('!') ? name[..^1] : name).ToUpperInvariant();
        return GpgStatus.IsFingerprint(fingerprint) ? fingerprint : null;
    }

    /// <summary>What stands against the key, as the end of a sentence.</summary>
    private string? Objection(string fingerprint)
    {
        var named = Certificate.Keys.First(key => string.Equals(key.Fingerprint, fingerprint, StringComparison.Ordinal));
        if (Certificate.Primary.Unusable is { } primary)
        {
            return primary;
        }

        if (!IsExact && named != Certificate.Primary)
        {
            return $"is a subkey of {Certificate.Fingerprint}: write {fingerprint}! to sign with exactly this subkey, or name the certificate";
        }

        // gpg takes the newest of these, which is why it suffices that there is one.
        var able = (IsExact ? [named] : Certificate.Keys).Where(key => key.CanSign).ToList();
        return able switch
        {
            [] => "may not sign data (its usage flags do not say so)",
            _ when able.TrueForAll(key => key.Unusable is not null) => able[0].Unusable,
            _ when able.TrueForAll(key => key.Unusable is not null || !key.HasSecret) => "has no secret part here (it was exported without it, or its card is elsewhere)",
            _ when able.Prepend(Certificate.Primary).FirstOrDefault(key => KeyRules.IsWeakHash(key.SelfSignatureHash)) is { } weak =>
                $"is vouched for by a self-signature with {(weak.SelfSignatureHash is 2 ? "SHA-1" : "a broken hash")} only, which RHEL 9 and rpm 6 refuse",
            _ when able.Find(key => key is { Algorithm: 1, Bits: < KeyRules.LeastRsaBits }) is { } small => $"is an RSA key of only {small.Bits} bits",
            _ => null,
        };
    }

    private static bool IsReady(GpgKey key) => key is { CanSign: true, HasSecret: true, Unusable: null };

    internal static ReleaseException NotAFingerprint(string name, ImmutableArray<GpgCertificate> all)
    {
        var alike = all.Where(one => one.Keys.Any(key => name.Length >= 8 && key.Fingerprint.EndsWith(name.TrimEnd('!'), StringComparison.OrdinalIgnoreCase))
            || one.UserIds.Any(user => name.Length > 0 && user.Contains(name, StringComparison.OrdinalIgnoreCase))).ToList();
        return new ReleaseException(Fault.KeyNameMalformed, $"'{name}' is not a full fingerprint of 40 or 64 hex digits, which alone names one key for certain.")
        {
            Remedy = alike.Count is 0 ? "See the fingerprints: gpg --list-secret-keys" : $"It could mean: {string.Join(", ", alike)}.",
        };
    }

    private static async Task<string> AcceptableAsync(Gpg gpg, CancellationToken ct)
    {
        var acceptable = (await gpg.ListSecretAsync("", ct))
            .Where(one => one.Primary.Unusable is null && one.Keys.Any(IsReady)).ToList();
        return acceptable.Count is 0 ? "The keyring holds no secret key that could sign." : $"Keys that would be accepted: {string.Join(", ", acceptable)}.";
    }
}
