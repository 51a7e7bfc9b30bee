using System.Collections.Immutable;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>Turns what gpg said about one signature into a verdict. gpg does the arithmetic; the policy is ours and stricter.</summary>
/// <param name="expected">The certificates that may have signed.</param>
/// <param name="now">To recognise signatures from the future.</param>
internal sealed class SignatureJudge(ImmutableArray<GpgCertificate> expected, DateTimeOffset now)
{
    /// <summary>Two machines' clocks may differ by this much.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>As the end of a message: whose signature would have been accepted.</summary>
    internal string Expected => $"Expected a signature by {string.Join(" or ", expected.Select(certificate => certificate.Fingerprint))}";

    /// <param name="finding">What is known of exactly this signature.</param>
    /// <param name="claimed">Who the signature says made it.</param>
    internal RpmVerdict Judge(SignatureFinding finding, string claimed)
    {
        if (finding.Good is { } good)
        {
            return JudgeGood(good);
        }

        var status = finding.Said;
        if (status.Find("REVKEYSIG") is not null || status.Find("KEYREVOKED") is not null)
        {
            return new RpmVerdict(RpmVerdictKind.KeyRevoked, $"is signed by {claimed}, which was revoked");
        }

        if (status.Find("EXPKEYSIG") is not null && status.Valid() is { } late)
        {
            var expired = Find(late)?.Key.Expires ?? Find(late)?.Certificate.Primary.Expires;
            return new RpmVerdict(RpmVerdictKind.KeyExpired, $"was signed on {late.Made:yyyy-MM-dd} by {late.SigningFingerprint}, which expired{(expired is { } day ? $" on {day:yyyy-MM-dd}" : "")}");
        }

        return status switch
        {
            _ when status.Find("EXPSIG") is not null => new(RpmVerdictKind.SignatureExpired, $"has a signature by {claimed} that has expired"),
            _ when status.Find("NO_PUBKEY") is not null => new(RpmVerdictKind.UnknownKey, $"is signed by {claimed}. {Expected}"),
            _ when status.Find("BADSIG") is not null => new(RpmVerdictKind.BadSignature, $"has a wrong signature that claims to be by {claimed}"),
            _ => new(RpmVerdictKind.BadSignature, $"has a signature by {claimed} that gpg does not accept ({Words(status)})"),
        };
    }

    private RpmVerdict JudgeGood(GpgSignature good)
    {
        if (Find(good) is not ({ } certificate, { } key))
        {
            return new RpmVerdict(RpmVerdictKind.UnknownKey, $"is signed by {good.PrimaryFingerprint}. {Expected}");
        }

        var by = string.Equals(good.SigningFingerprint, good.PrimaryFingerprint, StringComparison.Ordinal) ? good.PrimaryFingerprint : $"{good.PrimaryFingerprint} (subkey {good.SigningFingerprint})";
        return good switch
        {
            _ when !Gpg.IsStrong(good.HashAlgorithm) =>
                new(RpmVerdictKind.Weak, $"is signed by {by} with the weak hash algorithm {good.HashAlgorithm}; needed is SHA-256, SHA-384 or SHA-512"),
            _ when KeyRules.IsWeakHash(certificate.Primary.SelfSignatureHash) || KeyRules.IsWeakHash(key.SelfSignatureHash) =>
                new(RpmVerdictKind.Weak, $"is signed by {by}, which is vouched for by a self-signature with SHA-1 or worse only; RHEL 9 and rpm 6 do not take such a key"),
            _ when good.Made > now + ClockSkew =>
                new(RpmVerdictKind.WrongTime, $"has a signature by {by} from the future, {good.Made:yyyy-MM-dd HH:mm}Z"),
            _ when good.Made < key.Created =>
                new(RpmVerdictKind.WrongTime, $"has a signature by {by} of {good.Made:yyyy-MM-dd}, before the key was made on {key.Created:yyyy-MM-dd}"),
            _ when (certificate.Primary.Unusable ?? key.Unusable) is { } why =>
                new(key.Validity is 'e' || certificate.Primary.Validity is 'e' ? RpmVerdictKind.KeyExpired : RpmVerdictKind.KeyRevoked, $"is signed by {by}, which {why}"),
            _ => new(RpmVerdictKind.Good, $"is signed by {by}", new RpmSignature(good.PrimaryFingerprint, good.SigningFingerprint, good.Made)),
        };
    }

    private (GpgCertificate Certificate, GpgKey Key)? Find(GpgSignature signature) =>
        expected.FirstOrDefault(certificate => string.Equals(certificate.Fingerprint, signature.PrimaryFingerprint, StringComparison.Ordinal)) is { } found
        && found.Keys.FirstOrDefault(key => string.Equals(key.Fingerprint, signature.SigningFingerprint, StringComparison.Ordinal)) is { } key
            ? (found, key)
            : null;

    private static string Words(GpgStatus status) =>
        string.Join(", ", status.Lines.Where(line => !line.StartsWith("KEY_CONSIDERED", StringComparison.Ordinal)).Take(5)) is { Length: > 0 } words ? words : "it said nothing";
}
