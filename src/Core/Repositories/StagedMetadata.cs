using DotnetRelease.Storage;

namespace DotnetRelease.Repositories;

/// <summary>A complete <c>repodata/</c> beside the served one, or, after the swap, the one served before.</summary>
/// <param name="folder">Where it lies.</param>
/// <param name="live">Where clients look.</param>
internal sealed class StagedMetadata(string folder, string live)
{
    private bool _isFirst;

    /// <summary>Serves the new metadata. A client sees the old folder or the new one, never a mixture.</summary>
    internal void Swap() => Durably(() =>
    {
        _isFirst = !Directory.Exists(live);
        if (_isFirst)
        {
            Libc.Rename(folder, live);
        }
        else
        {
            Libc.Exchange(folder, live);
        }
    });

    /// <summary>Serves again what was served before.</summary>
    internal void SwapBack() => Durably(() =>
    {
        if (_isFirst)
        {
            Libc.Rename(live, folder);
        }
        else
        {
            Libc.Exchange(folder, live);
        }
    });

    /// <summary>Removes what is not served.</summary>
    internal void Discard() => FolderStore.Remove(folder);

    private void Durably(Action rename)
    {
        try
        {
            rename();
            Libc.Sync(Path.GetDirectoryName(live)!, folder: true);
        }
        catch (IOException ex)
        {
            throw new ReleaseException(Fault.WriteFailed, $"'{live}' could not be swapped with '{folder}': {ex.Message}.", inner: ex);
        }
    }
}
