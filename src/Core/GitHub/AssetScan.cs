using System.Security.Cryptography;
using System.Text;

namespace DotnetRelease.GitHub;

/// <summary>
/// Reads a file once: for its digest, and for a token in it. Whatever way a token got into a file, by its own path, a copy, an archive
/// without compression or a log, it must not become an asset.
/// </summary>
public static class AssetScan
{
    private const int Piece = 1024 * 1024;

    /// <summary>The digest of a file that does not hold the token.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="token">What must not be in it; null when there is none.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.AssetReveals"/>.</exception>
    public static Task<Digest> DigestAsync(string path, GitHubToken? token, CancellationToken ct) => Task.Run(
        () =>
        {
            var secret = token is null ? [] : Encoding.ASCII.GetBytes(token.Value);
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

            // The end of the last piece stays in front of the next one, so that a token on the border is seen.
            var kept = Math.Max(secret.Length - 1, 0);
            var buffer = new byte[kept + Piece];
            var (position, before) = (0L, 0);
            for (int count; (count = RandomAccess.Read(file, buffer.AsSpan(kept, Piece), position)) > 0; position += count)
            {
                ct.ThrowIfCancellationRequested();
                hash.AppendData(buffer, kept, count);
                if (secret.Length > 0 && buffer.AsSpan(kept - before, before + count).IndexOf(secret) >= 0)
                {
                    throw new ReleaseException(Fault.AssetReveals, $"'{path}' holds the token from {token}. Nothing was uploaded.");
                }

                before = Math.Min(kept, before + count);
                buffer.AsSpan(kept + count - before, before).CopyTo(buffer.AsSpan(kept - before));
            }

            return Digest.Of(hash);
        },
        ct);
}
