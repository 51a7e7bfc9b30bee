using System.Collections.Immutable;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>
/// Finds out whether signatures are right. gpg judges the first one of each key and hash, whatever is not plain, and whatever fails:
/// every refusal is gpg's. When gpg took a signature of a key, the next one that differs only in its numbers and its time needs just
/// the arithmetic, which is done here for RSA, the NIST curves and Ed25519; that is a hundred times as fast as a new gpg.
/// </summary>
/// <param name="home">Holds the certificates.</param>
/// <param name="keys">The keys in them.</param>
internal sealed class SignatureCheck(GpgHome home, VettedKeys keys)
{
    private readonly Dictionary<(string, byte, byte), GpgSignature> _accepted = [];

    internal async Task<Dictionary<CoveredSignature, SignatureFinding>> RunAsync(IReadOnlyCollection<CoveredSignature> signatures, CancellationToken ct)
    {
        var found = new Dictionary<CoveredSignature, SignatureFinding>(ReferenceEqualityComparer.Instance);
        var sorted = signatures.ToLookup(one => one.Packet.IsPlain && one.Hash is not null && keys.Knows(one.Packet));
        var (simple, others) = (sorted[true].ToList(), sorted[false]);
        var first = simple.Where(one => !_accepted.ContainsKey(one.Sort)).DistinctBy(one => one.Sort);
        await AskAsync([.. others, .. first], found, ct);

        var rest = simple.Where(one => !found.ContainsKey(one)).ToList();
        var good = new GpgSignature?[rest.Count];
        Parallel.For(0, rest.Count, new ParallelOptions { CancellationToken = ct }, index => good[index] = Calculate(rest[index]));
        foreach (var (one, by) in rest.Zip(good).Where(pair => pair.Second is not null))
        {
            found.Add(one, new SignatureFinding(by, new GpgStatus([])));
        }

        await AskAsync([.. rest.Where(one => !found.ContainsKey(one))], found, ct);
        return found;
    }

    private GpgSignature? Calculate(CoveredSignature one) =>
        _accepted.TryGetValue(one.Sort, out var before) && one.Packet.Made is { } made && keys.Fits(one.Packet, one.Hash!) ? before with { Made = made } : null;

    private async Task AskAsync(ImmutableArray<CoveredSignature> signatures, Dictionary<CoveredSignature, SignatureFinding> found, CancellationToken ct)
    {
        if (signatures.IsEmpty)
        {
            return;
        }

        var folder = Directory.CreateDirectory(Path.Combine(home.Path, $"messages-{Guid.NewGuid():n}"));
        try
        {
            var names = signatures.Select((one, index) => WriteMessage(one, folder.FullName, index)).ToImmutableArray();
            var said = await MessageCheck.RunAsync(home.Gpg, folder.FullName, names, ct);
            foreach (var (one, name) in signatures.Zip(names))
            {
                found.Add(one, SignatureFinding.Of(said[name]));
                Learn(one, found[one].Good);
            }
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"The files for gpg could not be written to '{home.Path}': {ex.Message}", inner: ex);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private void Learn(CoveredSignature one, GpgSignature? good)
    {
        if (good is not null && one.Packet.IsPlain && string.Equals(good.SigningFingerprint, one.Packet.Issuer, StringComparison.Ordinal))
        {
            _accepted[one.Sort] = good;
        }
    }

    private static string WriteMessage(CoveredSignature one, string folder, int index)
    {
        var name = index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var file = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        one.Packet.WriteMessage(file, one.Data.Span);
        return name;
    }
}
