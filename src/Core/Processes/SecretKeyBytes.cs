using System.Security.Cryptography;
using System.Text;
using DotnetRelease.Storage;

namespace DotnetRelease.Processes;

/// <summary>An exported secret key in memory; overwritten when it is not needed any more.</summary>
internal sealed class SecretKeyBytes : IDisposable
{
    private const int MaxSize = 1024 * 1024;

    /// <summary>Lines of an armored key are longer than this; a shorter piece of one could be a word.</summary>
    private const int SecretLine = 32;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private readonly byte[] _bytes;

    private SecretKeyBytes(byte[] bytes, string origin) => (_bytes, Origin) = (bytes, origin);

    /// <summary>Where it came from, for messages.</summary>
    internal string Origin { get; }

    /// <summary>What gpg imports.</summary>
    internal ReadOnlyMemory<byte> Bytes => _bytes;

    internal static SecretKeyBytes Of(byte[] bytes, string origin)
    {
        if (bytes.Length is 0 or > MaxSize)
        {
            throw new ReleaseException(Fault.KeyFileMalformed, $"The secret key from {origin} has {bytes.Length} bytes.") { Remedy = "Export it again: gpg --armor --export-secret-keys FINGERPRINT" };
        }

        foreach (var line in Encoding.Latin1.GetString(bytes).Split('\n', StringSplitOptions.TrimEntries).Where(line => line.Length >= SecretLine && !line.StartsWith('-')))
        {
            Redactor.Shared.Learn(line);
        }

        return new SecretKeyBytes(bytes, origin);
    }

    /// <summary>Reads a file that belongs to this user and that nobody else may read.</summary>
    internal static SecretKeyBytes OfFile(string path)
    {
        try
        {
            var file = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (!FolderOwner.IsOurs(file))
            {
                throw new ReleaseException(Fault.KeyUnusable, $"The key file '{path}' belongs to another user, who could replace it; it was not used.")
                {
                    Remedy = $"Make a copy of your own: install -m 600 '{path}' key && chown $(id -u) key",
                };
            }

            if ((File.GetUnixFileMode(stream.SafeFileHandle) & Others) is not UnixFileMode.None)
            {
                throw new ReleaseException(Fault.KeyUnusable, $"The key file '{path}' can be read by others; it was not used.") { Remedy = $"chmod 600 '{path}'" };
            }

            var bytes = new byte[(int)Math.Min(stream.Length, MaxSize + 1)];
            stream.ReadExactly(bytes);
            return Of(bytes, $"'{path}'");
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"The key file '{path}' could not be read: {ex.Message}", inner: ex);
        }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
