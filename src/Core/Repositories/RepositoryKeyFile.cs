using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>
/// The public keys beside the packages: what clients import. A key joins them as <c>signing.next-key</c>, before the first
/// signature with it; a key that signs is never new to clients.
/// </summary>
public static class RepositoryKeyFile
{
    private const int Limit = 4 * 1024 * 1024;
    private const string Begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

    /// <summary>Makes a verifier that trusts exactly the certificates of a key file: one binary one, or any number of armored blocks.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyFileMalformed"/> or <see cref="Fault.FileUnreadable"/>.</exception>
    public static async Task<RpmVerifier> OpenAsync(string path, CancellationToken ct)
    {
        try
        {
            return new FileInfo(path).Length <= Limit
                ? await OpenAsync(await File.ReadAllBytesAsync(path, ct), ct)
                : throw new ReleaseException(Fault.KeyFileMalformed, $"'{path}' is larger than {Limit} bytes; a key file never is.");
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"The key file '{path}' could not be read: {ex.Message}", inner: ex);
        }
    }

    internal static Task<RpmVerifier> OpenAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct) => RpmVerifier.OpenAsync(Certificates(bytes), ct);

    /// <summary>The key file of a repository, or null.</summary>
    internal static Task<byte[]?> ReadAsync(IRepositoryReader reader, string name, CancellationToken ct) => reader.ReadAsync(name, Limit, ct);

    /// <summary>What the file has to hold: the fresh certificate, or the file as it is when it holds others besides.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyRefused"/>: the file is there and our key is not in it.</exception>
    internal static async Task<ReadOnlyMemory<byte>> MergeAsync(IRepositoryReader reader, string name, MetadataKey key, CancellationToken ct)
    {
        if (await reader.ReadAsync(name, Limit, ct) is not { } there)
        {
            return Joined(key.PublicKey, key.Companions);
        }

        var path = reader.At(name);
        await using var known = await OpenAsync(there, ct);
        var fingerprints = known.Certificates.Select(certificate => certificate.Fingerprint).ToList();
        if (!fingerprints.Contains(key.Fingerprint, StringComparer.Ordinal))
        {
            throw new ReleaseException(
                Fault.KeyRefused, $"Clients of this repository know {string.Join(" and ", fingerprints)} ('{path}'), and the key to sign with is {key.Fingerprint}.")
            {
                Remedy = $"Clients have to know a key before it signs: sign with the old one, name {key.Fingerprint} as signing.next-key, publish, and change over when clients have had time to fetch the file.",
            };
        }

        return Joined(fingerprints.Count is 1 ? key.PublicKey : there, key.Companions.Where(companion => !fingerprints.Contains(companion.Fingerprint, StringComparer.Ordinal)));
    }

    private static ReadOnlyMemory<byte> Joined(ReadOnlyMemory<byte> first, IEnumerable<PublicKey> others) =>
        others.Aggregate(first, (file, other) => (byte[])[.. file.Span, .. file.Span.EndsWith("\n"u8) ? ""u8 : "\n"u8, .. other.Armored.Span]);

    /// <summary>gpg is asked for one certificate at a time, so that none comes along unseen.</summary>
    private static ImmutableArray<ReadOnlyMemory<byte>> Certificates(ReadOnlyMemory<byte> bytes)
    {
        var text = Encoding.Latin1.GetString(bytes.Span);
        var blocks = text.Split(Begin).Skip(1).Select(rest => (ReadOnlyMemory<byte>)Encoding.Latin1.GetBytes(Begin + rest)).ToList();
        return blocks.Count is 0 ? [bytes] : [.. blocks];
    }
}
