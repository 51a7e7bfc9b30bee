using DotnetRelease.Storage;

namespace DotnetRelease.Repositories;

/// <summary>A complete <c>repodata/</c> beside the served one, or, after the swap, the one served before.</summary>
/// <param name="folder">Where it lies.</param>
/// <param name="live">Where clients look.</param>
internal sealed class StagedMetadata(string folder, string live)
{
    private bool _isFirst;

    /// <summary>
    /// Serves the new metadata. A client sees the old folder or the new one, never a mixture; when the disk does not confirm the
    /// change, it is taken back, because after a crash it might not be there.
    /// </summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>; the old metadata is served.</exception>
    internal void Swap()
    {
        _isFirst = !Directory.Exists(live);
        Try(() =>
        {
            Rename(folder, live);
            try
            {
                Sync();
            }
            catch (IOException)
            {
                Rename(live, folder);
                throw;
            }
        });
    }

    /// <summary>Serves again what was served before.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    internal void SwapBack() => Try(() =>
    {
        Rename(live, folder);
        Sync();
    });

    /// <summary>Removes what is not served.</summary>
    internal void Discard() => FolderStore.Remove(folder);

    private void Rename(string from, string to)
    {
        if (_isFirst)
        {
            Libc.Rename(from, to);
        }
        else
        {
            Libc.Exchange(from, to);
        }
    }

    private void Sync() => Libc.Sync(Path.GetDirectoryName(live)!, folder: true);

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (IOException ex)
        {
            throw new ReleaseException(Fault.WriteFailed, $"'{live}' could not be swapped with '{folder}': {ex.Message}.", inner: ex);
        }
    }
}
