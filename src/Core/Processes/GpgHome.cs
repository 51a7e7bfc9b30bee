using System.Collections.Immutable;

namespace DotnetRelease.Processes;

/// <summary>
/// A throw-away home (0700) that holds only what was imported into it. Disposing it ends its agent, if it ever had one, and removes
/// it; the user's own agent is never touched. A home that a killed run left behind is found and removed by the next one.
/// </summary>
public sealed class GpgHome : IAsyncDisposable
{
    private const string Prefix = "dotnet-release-gpg-";
    private const string LockName = ".in-use";
    private readonly FileStream _inUse;

    private GpgHome(string path, ImmutableArray<string> removed)
    {
        (Path, Removed, Gpg) = (path, removed, new Gpg(path));
        // A real flock on Unix: it ends with this process, however that ends.
        _inUse = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>The folder; also the place for files that belong to a verification.</summary>
    public string Path { get; }

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
            return new GpgHome(Directory.CreateTempSubdirectory(Prefix).FullName, removed);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"No folder for a keyring could be made in '{System.IO.Path.GetTempPath()}': {ex.Message}", inner: ex);
        }
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
        foreach (var home in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            ct.ThrowIfCancellationRequested();
            if (FolderOwner.IsOurs(home) && IsAbandoned(home))
            {
                await RemoveAsync(home);
                removed.Add(home);
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
            // Either just being made by another process, or killed in that very moment.
            return Directory.GetCreationTimeUtc(home) < DateTime.UtcNow.AddHours(-1);
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

    private static async Task RemoveAsync(string home)
    {
        // The agent makes this folder when it starts, wherever its socket is.
        if (Directory.Exists(System.IO.Path.Combine(home, "private-keys-v1.d")))
        {
            _ = await Exec.RunAsync(new Command("gpgconf", "--homedir", home, "--kill", "all"), CancellationToken.None);
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
