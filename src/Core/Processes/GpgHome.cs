using System.Collections.Immutable;
using System.Security.Cryptography;

namespace DotnetRelease.Processes;

/// <summary>
/// A throw-away home (0700) that holds only what was imported into it. Disposing it ends its agent, if it ever had one, and removes
/// it; the user's own agent is never touched. A home that a killed run left behind is found and removed by the next one.
/// </summary>
public sealed class GpgHome : IAsyncDisposable
{
    private const string Prefix = "dotnet-release-gpg-";
    private const string NewPrefix = "dotnet-release-new-";
    private const string LockName = ".in-use";
    private const int NameLength = 12;
    private readonly FileStream _inUse;

    /// <summary>The agent's socket has to fit as well, with the name that gpg gives it.</summary>
    private const int LongestFolder = 60;

    private GpgHome(string path, FileStream inUse, ImmutableArray<string> removed) => (Path, _inUse, Removed, Gpg) = (path, inUse, removed, new Gpg(path));

    /// <summary>The folder; also the place for files that belong to a verification.</summary>
    public string Path { get; }

    /// <summary>Names this home, and so this run, among all of this machine.</summary>
    public string Name => System.IO.Path.GetFileName(Path)[Prefix.Length..];

    /// <summary>gpg in this home.</summary>
    public Gpg Gpg { get; }

    /// <summary>Homes of killed runs that were removed while this one was made.</summary>
    public ImmutableArray<string> Removed { get; }

    /// <summary>Makes a home in the folder for temporary files.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    public static async Task<GpgHome> CreateAsync(CancellationToken ct)
    {
        try
        {
            var removed = await RemoveLeftoversAsync(ct);
            var name = RandomNumberGenerator.GetHexString(NameLength, lowercase: true);
            var (unnamed, path) = (System.IO.Path.Combine(Folder(), NewPrefix + name), System.IO.Path.Combine(Folder(), Prefix + name));
            Directory.CreateDirectory(unnamed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

            // A real flock on Unix: it ends with this process, however that ends. It is there before others can find the home.
            var inUse = new FileStream(System.IO.Path.Combine(unnamed, LockName), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
            Directory.Move(unnamed, path);
            return new GpgHome(path, inUse, removed);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"No folder for a keyring could be made in '{Folder()}': {ex.Message}", inner: ex);
        }
    }

    /// <summary>Whether the run whose home has this name still goes on.</summary>
    internal static bool IsAlive(string name)
    {
        var home = System.IO.Path.Combine(Folder(), Prefix + name);
        return name.Length > 0 && Directory.Exists(home) && !IsAbandoned(home);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await RemoveAsync(Path);
        await _inUse.DisposeAsync();
    }

    private static async Task<ImmutableArray<string>> RemoveLeftoversAsync(CancellationToken ct)
    {
        var removed = ImmutableArray.CreateBuilder<string>();
        foreach (var home in Directory.EnumerateDirectories(Folder(), Prefix + "*"))
        {
            ct.ThrowIfCancellationRequested();
            if (FolderOwner.IsOurs(home) && IsAbandoned(home))
            {
                try
                {
                    await RemoveAsync(home);
                    removed.Add(home);
                }
                catch (IOException)
                {
                    // Another run found it at the same time and is removing it.
                }
            }
        }

        return removed.ToImmutable();
    }

    private static bool IsAbandoned(string home)
    {
        try
        {
            using var taken = new FileStream(System.IO.Path.Combine(home, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (FileNotFoundException)
        {
            // Its owner is just removing it, or was killed in that very moment.
            return Directory.Exists(home) && Directory.GetCreationTimeUtc(home) < DateTime.UtcNow.AddHours(-1);
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The folder for temporary files, or the system's when the user's is too deep for the path of a socket.</summary>
    private static string Folder() => System.IO.Path.GetTempPath() is { Length: <= LongestFolder } temporary ? temporary : "/tmp";

    private static async Task RemoveAsync(string home)
    {
        // The agent makes this folder when it starts, wherever its socket is.
        if (Directory.Exists(System.IO.Path.Combine(home, "private-keys-v1.d")))
        {
            _ = await Exec.RunAsync(new Command("gpgconf", "--homedir", home, "--kill", "all"), CancellationToken.None);
            _ = await Exec.RunAsync(new Command("gpgconf", "--homedir", home, "--remove-socketdir"), CancellationToken.None);
        }

        try
        {
            Directory.Delete(home, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Another run found it abandoned at the same time.
        }
    }
}
