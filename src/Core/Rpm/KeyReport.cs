using System.Collections.Immutable;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>What was found out about one key, without touching its secret part.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="Findings">What stands against it, gravest first.</param>
public sealed record KeyReport(GpgCertificate Certificate, ImmutableArray<KeyFinding> Findings)
{
    /// <summary>Whether it may be used as it is.</summary>
    public bool IsGood => !Findings.Any(finding => finding.Level is KeyFindingLevel.Failure);

    /// <summary>Looks at a key in a keyring, and asks the rpm of this machine whether it would take it.</summary>
    /// <param name="gpg">Where to look.</param>
    /// <param name="name">A full fingerprint, with or without a closing <c>!</c>.</param>
    /// <param name="soon">An expiry within this time is a failure.</param>
    /// <param name="ct">Ends gpg.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyNameMalformed"/>, or <see cref="Fault.KeyUnusable"/>: there is no such key.</exception>
    public static async Task<KeyReport> MakeAsync(Gpg gpg, string name, TimeSpan soon, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(gpg);
        ArgumentNullException.ThrowIfNull(name);
        var fingerprint = SigningKey.FingerprintOf(name) ?? throw SigningKey.NotAFingerprint(name, await gpg.ListAsync("", ct));
        await gpg.CheckSocketAsync(ct);
        var listed = (await gpg.ListAsync(fingerprint, ct)).FirstOrDefault() ?? throw new ReleaseException(Fault.KeyUnusable, $"There is no key {fingerprint} in {gpg.Where}.")
        {
            Remedy = "See what is there: gpg --list-keys",
        };
        var certificate = WithSecrets(listed, (await gpg.ListSecretAsync(fingerprint, ct)).FirstOrDefault());
        var signer = SigningKey.SignerOf(certificate, name.EndsWith('!') ? fingerprint : null);
        ImmutableArray<KeyFinding> found = [.. new KeyRules(certificate, signer, DateTimeOffset.UtcNow).Find(soon), .. await AskRpmAsync(gpg, certificate, ct)];
        return new KeyReport(certificate, found);
    }

    /// <summary>Self-signatures are only in the public list, secret parts only in the other.</summary>
    private static GpgCertificate WithSecrets(GpgCertificate listed, GpgCertificate? secret)
    {
        var here = secret?.Keys.Where(key => key.HasSecret).Select(key => key.Fingerprint).ToHashSet(StringComparer.Ordinal) ?? [];
        return listed with { Primary = With(listed.Primary), Subkeys = [.. listed.Subkeys.Select(With)] };

        GpgKey With(GpgKey key) => key with { HasSecret = here.Contains(key.Fingerprint) };
    }

    /// <summary>A trial in a database of its own; without rpm on this machine nothing is said.</summary>
    private static async Task<ImmutableArray<KeyFinding>> AskRpmAsync(Gpg gpg, GpgCertificate certificate, CancellationToken ct)
    {
        if (Exec.Find("rpmkeys") is not { } rpmkeys)
        {
            return [];
        }

        await using var home = await GpgHome.CreateAsync(ct);
        var file = Path.Combine(home.Path, "key.asc");
        await File.WriteAllBytesAsync(file, (await gpg.ExportAsync(certificate.Fingerprint, armor: true, ct)).ToArray(), ct);
        var outcome = await Exec.RunAsync(new Command(rpmkeys, "--dbpath", Path.Combine(home.Path, "rpm"), "--import", file).With("HOME", home.Path), ct);
        return outcome.ExitCode is 0
            ? []
            : [new KeyFinding("rpm-refuses", KeyFindingLevel.Warning, certificate.Fingerprint, $"is not taken by the rpm of this machine ({outcome.Error.Trim().Replace(file, "the key", StringComparison.Ordinal).Replace('\n', ' ')})")];
    }
}
