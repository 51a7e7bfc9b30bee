using DotnetRelease.GitHub;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>The signature file beside the checksums.</summary>
internal static class GitHubSignature
{
    /// <summary>Checks a signature and takes it as an asset; its file exists.</summary>
    internal static async Task<SealedSignature> CheckAsync(
        string path, ReadOnlyMemory<byte> signature, (ReadOnlyMemory<byte> Checksums, ReadOnlyMemory<byte> Certificate) of, CancellationToken ct)
    {
        var signer = await ChecksumSignature.VerifyAsync(of.Checksums, signature, of.Certificate, ct);
        return new SealedSignature(await AssetFile.OfAsync(path, _ => Task.FromResult(Digest.Of(signature.Span))), signer, of.Certificate);
    }

    /// <summary>Writes a signature that was checked.</summary>
    internal static async Task<SealedSignature> WriteAsync(
        string path, ReadOnlyMemory<byte> signature, (ReadOnlyMemory<byte> Checksums, ReadOnlyMemory<byte> Certificate) of, CancellationToken ct)
    {
        await Durable.WriteAsync(path, signature, ct);
        return await CheckAsync(path, signature, of, ct);
    }
}
