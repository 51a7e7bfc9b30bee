using System.Collections.Immutable;

namespace DotnetRelease.Rpm;

/// <summary>A file on its way to a verdict: its digests are compared, its signatures lie ready for gpg.</summary>
/// <param name="Path">As it was named.</param>
/// <param name="Early">A verdict that needs no gpg, or null.</param>
/// <param name="Scan">What was found in the file; null when it could not be read.</param>
internal sealed record RpmCandidate(string Path, RpmVerdict? Early, RpmScan? Scan)
{
    private ImmutableArray<OpenPgpSignature> Signatures { get; init; } = [];

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

    /// <summary>Puts each signature with its header into a file; gives the names.</summary>
    internal async Task<ImmutableArray<string>> WriteMessagesAsync(string folder, int index, CancellationToken ct)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var signature in Early is null ? Signatures : [])
        {
            names.Add($"{index}.{names.Count}");
            await using var file = new FileStream(System.IO.Path.Combine(folder, names[^1]), FileMode.CreateNew, FileAccess.Write, FileShare.None);
            signature.WriteMessage(file, Scan!.Package.Header.Bytes.Span);
            await file.FlushAsync(ct);
        }

        return names.ToImmutable();
    }

    /// <param name="judge">The policy.</param>
    /// <param name="said">gpg's words, one for each signature.</param>
    internal RpmVerification Conclude(SignatureJudge judge, ImmutableArray<Processes.GpgStatus> said)
    {
        var verdict = Early ?? Worst([.. said.Select((status, index) => judge.Judge(status, Signatures[index].Issuer))]) ?? new(RpmVerdictKind.NotSigned, $"is not signed (digests are fine). {judge.Expected}");
        return new RpmVerification(Path, verdict, Scan is { Damage: null } ? new RpmFile(Scan) : null)
        {
            Nevra = Scan?.Package.Nevra,
            Note = Scan is not null && HeaderSignatures.HasOldOnes(Scan.Package)
                ? "It also has a signature of rpm 3 over header and payload, which counts for nothing and was not checked."
                : null,
        };
    }

    private static RpmCandidate OfSignatures(string path, RpmScan scan)
    {
        var signatures = HeaderSignatures.Of(scan.Package).ToImmutableArray();
        var objection = signatures.Select(signature => signature?.Objection(scan.Package.Header.Bytes.Span)).FirstOrDefault(why => why is not null);
        var early = scan.Package switch
        {
            _ when signatures.Contains(null) || !HeaderSignatures.OldOnesAreReadable(scan.Package) =>
                new RpmVerdict(RpmVerdictKind.BadSignature, "has a signature that is no single OpenPGP signature packet of version 4 with a key id"),
            _ when objection is not null => new RpmVerdict(RpmVerdictKind.BadSignature, $"has a signature that {objection}"),
            { PayloadDigest: null } when !signatures.IsEmpty => new RpmVerdict(RpmVerdictKind.PayloadNotCovered, "is signed, but its signed header holds no digest of the payload"),
            _ => null,
        };
        return new RpmCandidate(path, early, scan) { Signatures = early is null ? [.. signatures.OfType<OpenPgpSignature>()] : [] };
    }

    /// <summary>Every signature has to be good, because a client may look at any of them.</summary>
    private static RpmVerdict? Worst(ImmutableArray<RpmVerdict> verdicts) => verdicts.FirstOrDefault(verdict => !verdict.IsGood) ?? verdicts.FirstOrDefault();

    private static string Sentence(ReleaseException ex, string path) =>
        ex.Message.Replace($"'{path}' ", "", StringComparison.Ordinal).TrimEnd('.');
}
