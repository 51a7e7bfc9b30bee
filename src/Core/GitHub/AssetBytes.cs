using System.Security.Cryptography;
using DotnetRelease.Http;

namespace DotnetRelease.GitHub;

/// <summary>Bytes of assets on their way here.</summary>
internal static class AssetBytes
{
    internal static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpReply reply, CancellationToken ct)
    {
        reply.RequireOk();
        var bytes = new MemoryStream();
        await reply.Content.CopyToAsync(bytes, ct);
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    internal static async Task<Digest> DigestAsync(HttpReply reply, CancellationToken ct)
    {
        reply.RequireOk();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 * 1024];
        for (int count; (count = await reply.Content.ReadAsync(buffer, ct)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
        }

        return Digest.Of(hash);
    }
}
