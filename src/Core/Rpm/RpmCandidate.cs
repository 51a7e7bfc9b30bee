using System.Collections.Immutable;
using DotnetRelease.OpenPgp;

namespace DotnetRelease.Rpm;

/// <summary>A file on its way to a verdict: its digests are compared, its signatures lie ready for gpg.</summary>
/// <param name="Path">As it was named.</param>
/// <param name="Early">A verdict that needs no gpg, or null.</param>
/// <param name="Scan">What was found in the file; null when it could not be read.</param>
internal sealed record RpmCandidate(string Path, RpmVerdict? Early, RpmScan? Scan)
{
    /// <summary>The signatures over its header; none when the verdict stands already.</summary>
    internal ImmutableArray<CoveredSignature> Signatures { get; private init; } = [];

    /// <summary>Its signatures of rpm 3, over header and payload; none when the verdict stands already.</summary>
    internal ImmutableArray<OldSignature> OldSignatures { get; private init; } = [];

    internal static async Task<RpmCandidate> ReadAsync(string path, CancellationToken ct)
    {
        try
        {
            var scan = await RpmScan.ReadAsync(path, ct);
            return scan.Damage switch
            {
                { Part: RpmPart.Header } damage => new(path, new(RpmVerdictKind.HeaderMismatch, $"is damaged: {damage.Text}"), scan),
                { } damage => new(path, new(RpmVerdictKind.PayloadMismatch, $"is damaged: {damage.Text}"), scan),
                null => OfSignatures(path, scan),
            };
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.RpmMalformed || ex.Fault == Fault.FileUnreadable)
        {
            return new(path, new(RpmVerdictKind.Unreadable, Sentence(ex, path)), null);
        }
    }

    /// <param name="judge">The policy.</param>
    /// <param name="found">One for each signature over the header.</param>
    /// <param name="old">One for each signature of rpm 3.</param>
    internal RpmVerification Conclude(SignatureJudge judge, IEnumerable<SignatureFinding> found, IEnumerable<SignatureFinding> old)
    {
        var verdict = Early ?? Decide(
            [.. Signatures.Zip(found, (signature, finding) => judge.Judge(finding, signature.Packet.Issuer))],
            [.. OldSignatures.Zip(old, (signature, finding) => judge.Judge(finding, signature.Packet.Issuer))]);
        return new RpmVerification(Path, verdict ?? new(RpmVerdictKind.NotSigned, $"is not signed (digests are fine). {judge.Expected}"), Scan is { Damage: null } ? new RpmFile(Scan) : null)
        {
            Nevra = Scan?.Package.Nevra,
            Note = Signatures.IsEmpty || OldSignatures.IsEmpty ? null : "It also has a signature of rpm 3 over header and payload, which newer clients do not look at.",
        };
    }

    private static RpmCandidate OfSignatures(string path, RpmScan scan)
    {
        var package = scan.Package;
        var (signatures, old) = (HeaderSignatures.Of(package).ToList(), HeaderSignatures.OldOnes(package).ToList());
        ImmutableArray<CoveredSignature> covered = [.. signatures.OfType<OpenPgpSignature>().Select(signature => CoveredSignature.Of(signature, package.Header.Bytes))];
        var early = covered.Select(one => one.Packet.Objection(one.Hash)).FirstOrDefault(why => why is not null) switch
        {
            _ when signatures.Contains(null) || old.Contains(null) =>
                new RpmVerdict(RpmVerdictKind.BadSignature, "has a signature that is no single OpenPGP signature packet of version 4 with a key id"),
            { } objection => new RpmVerdict(RpmVerdictKind.BadSignature, $"has a signature that {objection}"),
            _ when !package.CoversPayload && !covered.IsEmpty => new RpmVerdict(RpmVerdictKind.PayloadNotCovered, "is signed, but its signed header holds no digest of the payload"),
            _ => null,
        };
        return early is null
            ? new RpmCandidate(path, null, scan) { Signatures = covered, OldSignatures = [.. old.OfType<OpenPgpSignature>().Select(packet => new OldSignature(packet, path, package.Header.Offset))] }
            : new RpmCandidate(path, early, scan);
    }

    /// <summary>Every signature has to be good, because a client may look at any of them; null without any.</summary>
    private static RpmVerdict? Decide(ImmutableArray<RpmVerdict> verdicts, ImmutableArray<RpmVerdict> old)
    {
        var worst = verdicts.Concat(old).FirstOrDefault(verdict => !verdict.IsGood) ?? verdicts.FirstOrDefault();
        return worst ?? (old is [{ Signature: { } by } good, ..]
            ? new RpmVerdict(RpmVerdictKind.OldForm, $"{good.Text}, but only as rpm 3 did, over header and payload together, which rpm 6 and dnf5 do not take", by)
            : null);
    }

    private static string Sentence(ReleaseException ex, string path) =>
        ex.Message.Replace($"'{path}' ", "", StringComparison.Ordinal).TrimEnd('.');
}
