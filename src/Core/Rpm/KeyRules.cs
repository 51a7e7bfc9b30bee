using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>What is to be said about a key that signs packages and metadata. Pure: a certificate as gpg lists it, and a day.</summary>
/// <param name="certificate">The certificate with its self-signatures and with what is known of secret parts.</param>
/// <param name="signer">The key of it that will sign; null when none can.</param>
/// <param name="now">Today.</param>
internal sealed class KeyRules(GpgCertificate certificate, GpgKey? signer, DateTimeOffset now)
{
    /// <summary>Shorter RSA keys are refused; those below the second number will be, before long.</summary>
    internal const int LeastRsaBits = 2048;
    private const int GoodRsaBits = 3072;

    private const string Sequoia = "rpm-sequoia (Fedora, RHEL 10, rpm 6)";
    private const string OldRpm = "rpm 4 with its own parser (Debian, openSUSE Leap)";

    /// <summary>OpenPGP's numbers: 1 is RSA, 17 DSA, 19 ECDSA, 22 EdDSA.</summary>
    private const int Rsa = 1;
    private const int Dsa = 17;
    private const int Ecdsa = 19;
    private const int EdDsa = 22;

    private GpgKey Primary => certificate.Primary;

    /// <summary>Whether a self-signature's hash can be forged: MD5, SHA-1, RIPEMD-160. 0 means that nothing is known.</summary>
    internal static bool IsWeakHash(int hash) => hash is 1 or 2 or 3;

    /// <summary>Everything, gravest first.</summary>
    internal ImmutableArray<KeyFinding> Find(TimeSpan soon) =>
        [.. Life(soon).Concat(Abilities()).Concat(Strength()).Concat(Shape()).DistinctBy(finding => (finding.Id, finding.Fingerprint)).OrderByDescending(finding => finding.Level)];

    private IEnumerable<KeyFinding> Life(TimeSpan soon)
    {
        foreach (var key in Used())
        {
            switch (key)
            {
                case { Validity: 'r' }:
                    yield return Failure("revoked", key, "was revoked") with { Remedy = "Make a new key and give it to clients; what this one signed is refused everywhere." };
                    break;
                case { Validity: 'e' }:
                    yield return Failure("expired", key, key.Unusable!) with { Remedy = $"Extend it and publish the public key again: gpg --quick-set-expire {certificate.Fingerprint} 2y" };
                    break;
                case { Validity: 'i' or 'd' }:
                    yield return Failure("invalid", key, key.Unusable!);
                    break;
                case { Expires: { } day } when day < now + soon:
                    yield return Failure("expires-soon", key, string.Create(CultureInfo.InvariantCulture, $"expires on {day:yyyy-MM-dd}, in {Math.Floor((day - now).TotalDays)} days")) with
                    {
                        Remedy = $"Extend it and publish the public key again: gpg --quick-set-expire {certificate.Fingerprint} 2y{(key == Primary ? "" : $" {key.Fingerprint}")}",
                    };
                    break;
                case { Expires: null } when key == Primary:
                    yield return new KeyFinding("no-expiry", KeyFindingLevel.Note, key.Fingerprint, "never expires: when it is lost, nothing ends it but a revocation");
                    break;
            }
        }
    }

    private IEnumerable<KeyFinding> Abilities()
    {
        if (!certificate.Keys.Any(key => key.CanSign))
        {
            yield return Failure("cannot-sign", Primary, "may not sign data: the usage flags of no key of it say so") with { Remedy = $"Add a subkey that may: gpg --quick-add-key {certificate.Fingerprint} rsa4096 sign 2y" };
        }
        else if (signer is null && Primary.Unusable is null && certificate.Keys.Any(key => key is { CanSign: true, Unusable: null }))
        {
            yield return Failure("no-secret", Primary, "has no usable secret part here (it was exported without it, or its card is elsewhere)");
        }
        else if (signer is not null && !Primary.HasSecret)
        {
            yield return Warning("primary-elsewhere", Primary, "has its secret part elsewhere: packages can be signed here, metadata cannot") with { Remedy = "Publish where the primary key is." };
        }
        else if (signer is not null && !Primary.CanSign)
        {
            yield return Warning("primary-cannot-sign", Primary, "may not sign data, only a subkey may: metadata needs the primary key") with { Clients = ["dnf5", "zypper"] };
        }
    }

    private IEnumerable<KeyFinding> Strength()
    {
        foreach (var key in Used())
        {
            if (IsWeakHash(key.SelfSignatureHash))
            {
                yield return Failure("sha1-self-signature", key, $"is vouched for by a self-signature with {(key.SelfSignatureHash is 2 ? "SHA-1" : "a broken hash")}") with
                {
                    Clients = [Sequoia, "RHEL 9"],
                    Remedy = $"Make a new one: gpg --cert-digest-algo SHA256 --quick-set-expire {certificate.Fingerprint} 2y{(key == Primary ? "" : $" {key.Fingerprint}")}",
                };
            }

            switch (key)
            {
                case { Algorithm: Rsa, Bits: < LeastRsaBits }:
                    yield return Failure("rsa-short", key, $"is an RSA key of only {key.Bits} bits") with { Clients = [Sequoia, "RHEL 9"], Remedy = "Make a new key of 4096 bits." };
                    break;
                case { Algorithm: Rsa, Bits: < GoodRsaBits }:
                    yield return Warning("rsa-2048", key, $"is an RSA key of {key.Bits} bits, which is not recommended beyond 2030");
                    break;
                case { Algorithm: Dsa }:
                    yield return Failure("dsa", key, "is a DSA key") with { Clients = [Sequoia, "RHEL 9"], Remedy = "Make a new key: RSA of 4096 bits is what everybody can check." };
                    break;
                case { Algorithm: Ecdsa }:
                    yield return Warning("ecdsa", key, "is an ECDSA key") with { Clients = [OldRpm] };
                    break;
                case { Algorithm: EdDsa }:
                    yield return new KeyFinding("eddsa", KeyFindingLevel.Note, key.Fingerprint, "is an EdDSA key") with { Clients = ["RHEL 8"] };
                    break;
            }
        }
    }

    private IEnumerable<KeyFinding> Shape()
    {
        if (signer is not null && signer != Primary)
        {
            yield return Warning("subkey-signs", signer, "is a subkey, and it is what gpg signs packages with; metadata is signed by the primary key all the same") with
            {
                Clients = ["RHEL 7"],
                Remedy = $"To sign packages with the primary key as well, write key = \"{certificate.Fingerprint}!\".",
            };
        }
    }

    /// <summary>The keys that count: the primary one vouches for everything, the signer signs. Without a signer, all that could be meant.</summary>
    private IEnumerable<GpgKey> Used() => signer is null ? certificate.Keys.Where(key => key == Primary || key.CanSign) : ((GpgKey[])[Primary, signer]).Distinct();

    private static KeyFinding Failure(string id, GpgKey key, string text) => new(id, KeyFindingLevel.Failure, key.Fingerprint, text);

    private static KeyFinding Warning(string id, GpgKey key, string text) => new(id, KeyFindingLevel.Warning, key.Fingerprint, text);
}
