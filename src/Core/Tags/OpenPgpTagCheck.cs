using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;

namespace DotnetRelease.Tags;

/// <summary>
/// One gpg, with a keyring file that holds the listed certificates and nothing else. gpg does the arithmetic and knows about expiry and
/// revocation; what is good enough is decided here, so that it is the same with every version of gpg and git.
/// </summary>
internal sealed class OpenPgpTagCheck(MaintainerList list, GpgHome home, ImmutableArray<OpenPgpCertificate> certificates)
{
    internal Task<TagSigner> CheckAsync(TagObject tag, CancellationToken ct) =>
        CheckAsync(new Signed($"The tag \"{tag.Name}\"", Armored(tag.Signature!.Text)) { Payload = tag.Payload }, ct);

    internal Task<TagSigner> CheckAsync(SignedFile file, CancellationToken ct)
    {
        var bytes = file.Signature.Span;
        var packet = bytes.StartsWith("-----"u8) ? Armored(Encoding.Latin1.GetString(bytes)) : bytes.ToArray();
        return CheckAsync(new Signed(file.Name, packet) { Path = file.Path }, ct);
    }

    private static byte[]? Armored(string text) => OpenPgpArmor.Decode(text, "PGP SIGNATURE");

    private async Task<TagSigner> CheckAsync(Signed tag, CancellationToken ct)
    {
        var packet = tag.Packet ?? throw Bad(tag, "has a signature whose frame is not whole");
        var signature = OpenPgpSignature.TryParse(packet) ?? throw Bad(tag, "has something else than exactly one OpenPGP signature of version 4 over a document");
        if (!Gpg.IsStrong(signature.HashAlgorithm))
        {
            throw Bad(tag, $"is signed by {signature.Issuer} with the weak hash algorithm {signature.HashAlgorithm}; needed is SHA-256, SHA-384 or SHA-512");
        }

        var (ring, file) = (Path.Combine(home.Path, "maintainers.gpg"), Path.Combine(home.Path, "tag.sig"));
        await File.WriteAllBytesAsync(ring, [.. certificates.SelectMany(each => each.Bytes.ToArray())], ct);
        await File.WriteAllBytesAsync(file, packet, ct);
        var command = home.Gpg.Command([.. Gpg.Offline, "--no-default-keyring", "--lock-never", "--keyring", ring, "--verify", "--", file, tag.Path ?? "-"]);
        var outcome = await Exec.RunAsync(command with { Input = tag.Payload }, ct);
        return Judge(tag, GpgStatus.Parse(outcome.Output), signature.Issuer);
    }

    private TagSigner Judge(Signed tag, GpgStatus status, string claimed) => status switch
    {
        _ when status.Find("NO_PUBKEY") is not null => throw Unknown(tag, claimed),
        _ when status.Find("REVKEYSIG") is not null => throw Refused(tag, claimed, "was revoked"),
        _ when status.Find("EXPKEYSIG") is not null => throw Refused(tag, claimed, status.Find("KEYEXPIRED") is [var when, ..] ? $"expired on {Day(when)}" : "has expired"),
        _ when status.Find("EXPSIG") is not null => throw Bad(tag, $"has a signature by {claimed} that expired{(status.Find("VALIDSIG") is [_, _, _, var when, ..] ? $" on {Day(when)}" : "")}"),
        _ when status.Find("BADSIG") is not null => throw Bad(tag, $"has a wrong signature that claims to be by {claimed}: its text was changed, or the signature belongs to another"),
        _ when status.Good() is { Class: "00" } good => Accept(tag, good),
        _ when status.Find("ERRSIG") is [_, _, _, _, var made, ..] && Early(claimed, made) is { } why => throw Bad(tag, why),
        _ => throw Bad(tag, $"has a signature by {claimed} that gpg does not accept ({Words(status)})"),
    };

    private TagSigner Accept(Signed tag, GpgSignature good)
    {
        var maintainer = list.Maintainers.FirstOrDefault(each => string.Equals(each.Key.Id, good.PrimaryFingerprint, StringComparison.Ordinal));
        var certificate = certificates.FirstOrDefault(each => string.Equals(each.Fingerprint, good.PrimaryFingerprint, StringComparison.Ordinal));
        var key = certificate?.Keys.FirstOrDefault(each => string.Equals(each.Fingerprint, good.SigningFingerprint, StringComparison.Ordinal));
        if (maintainer is null || key is null)
        {
            throw Unknown(tag, good.PrimaryFingerprint);
        }

        // A strong subkey is only as good as the primary key that vouches for it.
        return (certificate!.Keys[0].Weakness ?? key.Weakness) is { } weakness
            ? throw Refused(tag, good.SigningFingerprint, weakness)
            : good.Made < key.Created
                ? throw Bad(tag, TooEarly(good.SigningFingerprint, good.Made, key.Created))
                : new TagSigner(maintainer, good.SigningFingerprint, good.Made);
    }

    /// <summary>gpg has one word for several conflicts of times; which one it is we can tell.</summary>
    private string? Early(string claimed, string made) =>
        certificates.SelectMany(each => each.Keys).FirstOrDefault(each => each.Fingerprint.EndsWith(claimed, StringComparison.Ordinal)) is { } key
        && Moment(made) is { } signed && signed < key.Created
            ? TooEarly(claimed, signed, key.Created)
            : null;

    private static string TooEarly(string key, DateTimeOffset made, DateTimeOffset created) =>
        $"has a signature by {key} of {made:yyyy-MM-dd HH:mm}Z, before the key was made on {created:yyyy-MM-dd HH:mm}Z";

    private ReleaseException Unknown(Signed tag, string key) =>
        new(Fault.TagSignerUnknown, $"{tag.Name} is signed by {key}, which is not on the list. {list.Source}") { Remedy = TagGate.Listed(list) };

    private ReleaseException Refused(Signed tag, string key, string why)
    {
        var who = list.Maintainers.FirstOrDefault(each => certificates.Any(certificate =>
            certificate.Fingerprint == each.Key.Id && certificate.Keys.Any(one => one.Fingerprint.EndsWith(key, StringComparison.Ordinal))));
        return new(Fault.TagKeyRefused, $"{tag.Name} is signed by {key}{(who is null ? "" : $" ({who.Name})")}, a key that {why}. {list.Source}")
        {
            Remedy = "Sign with a key that is valid today; if it was renewed, commit its new public key on the protected branch.",
        };
    }

    private static ReleaseException Bad(Signed tag, string what) => new(Fault.TagSignatureBad, $"{tag.Name} {what}.");

    private static string Day(string word) => Moment(word) is { } moment ? $"{moment:yyyy-MM-dd}" : word;

    private static DateTimeOffset? Moment(string word) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= uint.MaxValue ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>What a signature is over.</summary>
    /// <param name="Name">How messages begin.</param>
    /// <param name="Packet">The signature; null when its frame was not whole.</param>
    private sealed record Signed(string Name, byte[]? Packet)
    {
        /// <summary>What was signed, when it is in memory.</summary>
        internal ReadOnlyMemory<byte> Payload { get; init; }

        /// <summary>What was signed, when it is a file.</summary>
        internal string? Path { get; init; }
    }

    private static string Words(GpgStatus status) =>
        string.Join(", ", status.Lines.Where(line => !line.StartsWith("KEY_CONSIDERED", StringComparison.Ordinal)).Take(5)) is { Length: > 0 } words ? words : "it said nothing";
}
