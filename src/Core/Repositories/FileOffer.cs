using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>A file on its way into a store.</summary>
/// <param name="File">Where it goes, and what it has to be.</param>
/// <param name="Origin">Where it comes from, for messages.</param>
/// <param name="OpenAsync">Opens it from the start; called once more when an attempt has to be repeated.</param>
internal sealed record FileOffer(RepositoryFile File, string Origin, Func<CancellationToken, Task<Stream>> OpenAsync)
{
    private const int BufferSize = 128 * 1024;

    /// <summary>A file of this machine.</summary>
    internal static FileOffer Of(string path, RepositoryFile file) => new(
        file, path, _ => Task.FromResult<Stream>(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan | FileOptions.Asynchronous)));

    /// <summary>A file of another repository, which gets a copy of the same bytes.</summary>
    internal static FileOffer Of(IRepositoryReader from, RepositoryFile file) => new(
        file,
        from.At(file.Location),
        async ct => await from.OpenAsync(file.Location, ct) ?? throw new ReleaseException(Fault.RepositoryUnverified, $"'{from.At(file.Location)}', which the metadata names, is missing."));

    /// <summary>Refuses a copy that is not what was promised.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmDamaged"/>.</exception>
    internal void CheckCopied(Digest copied)
    {
        if (copied != File.Digest)
        {
            throw new ReleaseException(Fault.RpmDamaged, $"'{Origin}' changed while it was published: sha256 was {File.Digest.Hex}, now {copied.Hex}.");
        }
    }
}
