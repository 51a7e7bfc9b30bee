using System.Security.Cryptography;

namespace DotnetRelease.Storage;

/// <summary>
/// A folder (0700) in the place for temporary files, for one run. A lock that ends with the process says that it is in use, so that what a killed
/// run left behind can be told from the rest and removed by the next one.
/// </summary>
public sealed class TemporaryFolder : IDisposable
{
    private const string NewPrefix = "dotnet-release-new-";
    private const string LockName = ".in-use";
    private const int NameLength = 12;
    private readonly FileStream _inUse;

    private TemporaryFolder(string path, string name, FileStream inUse) => (Path, Name, _inUse) = (path, name, inUse);

    /// <summary>The folder. It holds the lock, a file whose name begins with a dot.</summary>
    public string Path { get; }

    /// <summary>Names this folder among all with the same purpose.</summary>
    public string Name { get; }

    /// <summary>Makes a folder and removes those of killed runs.</summary>
    /// <param name="purpose">A word that is a part of its name: <c>git</c>.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    public static TemporaryFolder Create(string purpose)
    {
        foreach (var folder in Abandoned(System.IO.Path.GetTempPath(), purpose))
        {
            TryRemove(folder);
        }

        return Create(System.IO.Path.GetTempPath(), purpose);
    }

    /// <summary>Makes a folder in <paramref name="place"/>.</summary>
    /// <inheritdoc cref="Create(string)"/>
    internal static TemporaryFolder Create(string place, string purpose)
    {
        try
        {
            var name = RandomNumberGenerator.GetHexString(NameLength, lowercase: true);
            var (unnamed, path) = (System.IO.Path.Combine(place, NewPrefix + name), Named(place, purpose, name));
            Directory.CreateDirectory(unnamed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

            // A real flock on Unix: it ends with this process, however that ends. It is there before others can find the folder.
            var inUse = new FileStream(System.IO.Path.Combine(unnamed, LockName), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
            Directory.Move(unnamed, path);
            return new TemporaryFolder(path, name, inUse);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"No temporary folder could be made in '{place}': {ex.Message}", inner: ex);
        }
    }

    /// <summary>Folders of ours whose run is gone.</summary>
    internal static IEnumerable<string> Abandoned(string place, string purpose) =>
        Directory.EnumerateDirectories(place, Named("", purpose, "*")).Where(folder => FolderOwner.IsOurs(folder) && IsAbandoned(folder));

    /// <summary>Whether the run whose folder has this name still goes on.</summary>
    internal static bool IsInUse(string place, string purpose, string name)
    {
        var folder = Named(place, purpose, name);
        return name.Length > 0 && Directory.Exists(folder) && !IsAbandoned(folder);
    }

    /// <summary>Removes what a killed run left behind, unless another run is doing so at the same moment.</summary>
    /// <returns>Whether it was removed here.</returns>
    internal static bool TryRemove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
            return true;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Removes the folder with all that is in it.</summary>
    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        _inUse.Dispose();
    }

    private static string Named(string place, string purpose, string name) => System.IO.Path.Combine(place, $"dotnet-release-{purpose}-{name}");

    private static bool IsAbandoned(string folder)
    {
        try
        {
            using var taken = new FileStream(System.IO.Path.Combine(folder, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (FileNotFoundException)
        {
            // Its owner is just removing it, or was killed in that very moment.
            return Directory.Exists(folder) && Directory.GetCreationTimeUtc(folder) < DateTime.UtcNow.AddHours(-1);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
