namespace DotnetRelease.Storage;

/// <summary>
/// When something was last used, for what cannot say so itself: an unpacked layer has the times of its image. One empty file for each
/// name, whose time is the answer.
/// </summary>
/// <param name="folder">Its own folder; made when something is used.</param>
public sealed class LastUses(string folder)
{
    /// <summary>Days decide what goes, so that an hour does not matter, and most uses write nothing.</summary>
    private static readonly TimeSpan Precision = TimeSpan.FromHours(1);

    /// <summary>The uses of a user's layers and roots, beside the cache.</summary>
    public static LastUses Open(Places places)
    {
        ArgumentNullException.ThrowIfNull(places);
        return new(Path.Combine(places.Cache, "used"));
    }

    /// <summary>Says that something is used now.</summary>
    /// <param name="name">One path segment.</param>
    public void Record(string name) => Touch(Path.Combine(folder, name));

    /// <summary>When it was used, or null when nobody said.</summary>
    public DateTimeOffset? Find(string name) =>
        new FileInfo(Path.Combine(folder, name)) is { Exists: true } file ? new DateTimeOffset(file.LastWriteTimeUtc) : null;

    /// <summary>For what is gone.</summary>
    public void Forget(string name) => File.Delete(Path.Combine(folder, name));

    /// <summary>Gives a file the time of now, makes it if need be. Only the answer to when it was used is lost when that cannot be done.</summary>
    internal static void Touch(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                Directory.CreateDirectory(file.DirectoryName!);
                file.Create().Dispose();
            }
            else if (DateTime.UtcNow - file.LastWriteTimeUtc > Precision)
            {
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            }
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // A cache on a disk that is read-only is used all the same.
        }
    }
}
