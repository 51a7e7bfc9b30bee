using System.Globalization;

namespace DotnetRelease.GitHub;

/// <summary>A file that is fit to be an asset: its name survives GitHub, its size is allowed, and its digest is known.</summary>
public sealed record AssetFile
{
    /// <summary>GitHub takes less than this for one asset.</summary>
    public const long SizeLimit = 2L * 1024 * 1024 * 1024;

    private const int NameLimit = 255;

    private AssetFile(string path, string name, long size, Digest digest) => (Path, Name, Size, Digest) = (path, name, size, digest);

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>The name of the asset, which is that of the file.</summary>
    public string Name { get; }

    /// <summary>Bytes.</summary>
    public long Size { get; }

    /// <summary>Of the bytes.</summary>
    public Digest Digest { get; }

    /// <summary>The media type, by the ending.</summary>
    internal string Type => System.IO.Path.GetExtension(Name).ToLowerInvariant() switch
    {
        ".rpm" => "application/x-rpm",
        ".deb" => "application/vnd.debian.binary-package",
        ".gz" or ".tgz" => "application/gzip",
        ".xz" => "application/x-xz",
        ".zst" => "application/zstd",
        ".zip" or ".whl" => "application/zip",
        ".json" => "application/json",
        ".txt" => "text/plain",
        ".asc" => "application/pgp-signature",
        _ => "application/octet-stream",
    };

    /// <summary>Checks a file and takes its digest.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="digest">Gives the digest; a cache may know it.</param>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.AssetNameRefused"/>, <see cref="Fault.AssetTooLarge"/>, <see cref="Fault.AssetNotFound"/> or <see cref="Fault.FileUnreadable"/>.
    /// </exception>
    public static async Task<AssetFile> OfAsync(string path, Func<string, Task<Digest>> digest)
    {
        ArgumentNullException.ThrowIfNull(digest);
        var size = Check(path);
        try
        {
            return new AssetFile(path, System.IO.Path.GetFileName(path), size, await digest(path));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be read: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    /// <summary>Everything that can be said about a file without reading it.</summary>
    /// <returns>Its size.</returns>
    /// <inheritdoc cref="OfAsync"/>
    public static long Check(string path)
    {
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            throw new ReleaseException(Fault.AssetNotFound, Directory.Exists(path) ? $"'{path}' is a folder; only files become assets." : $"There is no file '{path}'.");
        }

        if (RefuseName(info.Name) is { } why)
        {
            throw new ReleaseException(Fault.AssetNameRefused, $"'{path}' cannot be an asset: its name {why}. Nothing was uploaded.");
        }

        return info.Length switch
        {
            0 => throw new ReleaseException(Fault.AssetTooLarge, $"'{path}' is empty, and GitHub takes no empty asset. Nothing was uploaded."),
            >= SizeLimit => throw new ReleaseException(
                Fault.AssetTooLarge,
                string.Create(CultureInfo.InvariantCulture, $"'{path}' has {info.Length} bytes; GitHub takes less than {SizeLimit} for one asset. Nothing was uploaded.")),
            var size => size,
        };
    }

    /// <summary>Why GitHub would change a name, as the end of a sentence; null for one that it keeps.</summary>
    internal static string? RefuseName(string name) => name switch
    {
        _ when !SafeName.IsPlain(name, "._+-") => "has a character other than letters, digits and . _ + -, which GitHub replaces",
        ['.', ..] => "begins with a dot, which GitHub changes",
        { Length: > NameLimit } => $"is longer than {NameLimit} characters",
        _ => null,
    };
}
