using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>A file of the user that holds an image.</summary>
internal static class LocalFile
{
    /// <summary>Digest of the file as it is.</summary>
    /// <exception cref="ReleaseException">Unreadable, or <see cref="Fault.ImageMismatch"/> when it is not what the reference demands.</exception>
    internal static async Task<Digest> DigestAsync(ImageReference reference, (string Path, Digest? Written) file, KnownDigests known, CancellationToken ct)
    {
        // A FIFO or device has no length, and must not be opened.
        var found = new FileInfo(file.Path);
        if (!found.Exists || found.Length is 0)
        {
            throw reference.Failure(Fault.FileUnreadable, found.Exists ? "the file is empty" : "there is no such file");
        }

        var digest = await known.OfFileAsync(file.Path, ct);
        return file.Written is { } written && written != digest
            ? throw reference.Failure(Fault.ImageMismatch, $"the file has sha256 {digest.Hex}")
            : digest;
    }
}
