using DotnetRelease.Storage;

namespace DotnetRelease.Sources;

/// <summary>Opens files that somebody else put there: regular ones only, because reading a pipe or a device may never end.</summary>
internal static class LocalFile
{
    /// <exception cref="ReleaseException"><see cref="Fault.SourceNotFound"/> or <see cref="Fault.FileUnreadable"/>.</exception>
    internal static FileStream Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new ReleaseException(Fault.SourceNotFound, $"'{path}' does not exist.");
        }

        if (OperatingSystem.IsLinux() && FileIdentity.Of(path) is null)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' is no regular file.");
        }

        try
        {
            const FileOptions once = FileOptions.Asynchronous | FileOptions.SequentialScan;
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0, once);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, ex);
        }
    }

    internal static async Task<ReadOnlyMemory<byte>> ReadAllAsync(string path, int limit, CancellationToken ct)
    {
        await using var file = Open(path);
        if (file.Length > limit)
        {
            throw new ReleaseException(Fault.InputTooLarge, $"'{path}' has {file.Length} bytes; more than {limit} are not read.");
        }

        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes, ct);
        return bytes;
    }

    internal static ReleaseException Unreadable(string path, Exception ex) =>
        new(Fault.FileUnreadable, $"'{path}' could not be read: {ex.Message.TrimEnd('.')}.", inner: ex);
}
