using System.Collections.Immutable;
using DotnetRelease.Storage;

namespace DotnetRelease.Processes;

/// <summary>
/// A throw-away home (0700) that holds only what was imported into it. Disposing it ends its agent, if it ever had one, and removes
/// it; the user's own agent is never touched. A home that a killed run left behind is found and removed by the next one.
/// </summary>
public sealed class GpgHome : IAsyncDisposable
{
    private const string Purpose = "gpg";

    /// <summary>The agent's socket has to fit as well, with the name that gpg gives it.</summary>
    private const int LongestFolder = 60;

    private readonly TemporaryFolder _folder;

    private GpgHome(TemporaryFolder folder, ImmutableArray<string> removed) => (_folder, Removed, Gpg) = (folder, removed, new Gpg(folder.Path));

    /// <summary>The folder; also the place for files that belong to a verification.</summary>
    public string Path => _folder.Path;

    /// <summary>Names this home, and so this run, among all of this machine.</summary>
    public string Name => _folder.Name;

    /// <summary>gpg in this home.</summary>
    public Gpg Gpg { get; }

    /// <summary>Homes of killed runs that were removed while this one was made.</summary>
    public ImmutableArray<string> Removed { get; }

    /// <summary>Makes a home in the folder for temporary files.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    public static async Task<GpgHome> CreateAsync(CancellationToken ct)
    {
        var removed = ImmutableArray.CreateBuilder<string>();
        foreach (var home in TemporaryFolder.Abandoned(Folder(), Purpose))
        {
            ct.ThrowIfCancellationRequested();
            await EndAgentAsync(home);
            if (TemporaryFolder.TryRemove(home))
            {
                removed.Add(home);
            }
        }

        return new GpgHome(TemporaryFolder.Create(Folder(), Purpose), removed.ToImmutable());
    }

    /// <summary>Whether the run whose home has this name still goes on.</summary>
    internal static bool IsAlive(string name) => TemporaryFolder.IsInUse(Folder(), Purpose, name);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAgentAsync(Path);
        _folder.Dispose();
    }

    /// <summary>The folder for temporary files, or the system's when the user's is too deep for the path of a socket.</summary>
    private static string Folder() => System.IO.Path.GetTempPath() is { Length: <= LongestFolder } temporary ? temporary : "/tmp";

    private static async Task EndAgentAsync(string home)
    {
        // The agent makes this folder when it starts, wherever its socket is.
        if (Directory.Exists(System.IO.Path.Combine(home, "private-keys-v1.d")))
        {
            _ = await Exec.RunAsync(new Command("gpgconf", "--homedir", home, "--kill", "all"), CancellationToken.None);
            _ = await Exec.RunAsync(new Command("gpgconf", "--homedir", home, "--remove-socketdir"), CancellationToken.None);
        }
    }
}
