using DotnetRelease.Metadata;
using DotnetRelease.Storage;

namespace DotnetRelease.Repositories;

/// <summary>A complete <c>repodata/</c> beside the served one, or, after the swap, the one served before.</summary>
/// <param name="folder">Where it lies.</param>
/// <param name="live">Where clients look.</param>
internal sealed class FolderSwap(string folder, string live)
{
    /// <summary>Puts the folder there, everything synced. Files of the live one that do not change get a second name in it.</summary>
    /// <exception cref="IOException">It is incomplete; <see cref="Discard"/> it.</exception>
    internal async Task StageAsync(MetadataChange change, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        MetadataBytes[] fresh = [.. change.Files, .. change.Beside];
        LinkKept(fresh.Select(file => file.FileName).Append(Repomd.FileName).Append(Repomd.SignatureName).ToHashSet(StringComparer.Ordinal));
        foreach (var file in fresh)
        {
            await WriteSyncedAsync(file.FileName, file.Pieces, ct);
        }

        FailPoint.At("publish.metadata");
        await WriteSyncedAsync(Repomd.SignatureName, [change.Next.Signature], ct);
        await WriteSyncedAsync(Repomd.FileName, [change.Next.Bytes], ct);
        Libc.Sync(folder, folder: true);
    }

    /// <summary>
    /// Serves the new metadata. A client sees the old folder or the new one, never a mixture; when the disk does not confirm the
    /// change, it is taken back, because after a crash it might not be there.
    /// </summary>
    /// <exception cref="IOException">The old metadata is served.</exception>
    internal void Swap()
    {
        var isFirst = !Directory.Exists(live);
        Rename(folder, live, isFirst);
        try
        {
            Libc.Sync(Path.GetDirectoryName(live)!, folder: true);
        }
        catch (IOException)
        {
            Rename(live, folder, isFirst);
            throw;
        }
    }

    /// <summary>Removes what is not served.</summary>
    internal void Discard() => FolderStore.Delete(folder);

    private static void Rename(string from, string to, bool isFirst)
    {
        if (isFirst)
        {
            Libc.Rename(from, to);
        }
        else
        {
            Libc.Exchange(from, to);
        }
    }

    private void LinkKept(HashSet<string> replaced)
    {
        foreach (var path in Directory.Exists(live) ? Directory.EnumerateFiles(live) : [])
        {
            var name = Path.GetFileName(path);
            if (replaced.Contains(name) || Libc.TryLink(path, Path.Combine(folder, name)))
            {
                continue;
            }

            // Its time says until when it is kept.
            File.Copy(path, Path.Combine(folder, name));
            File.SetLastWriteTimeUtc(Path.Combine(folder, name), File.GetLastWriteTimeUtc(path));
            Libc.Sync(Path.Combine(folder, name), folder: false);
        }
    }

    private async Task WriteSyncedAsync(string name, IEnumerable<byte[]> pieces, CancellationToken ct)
    {
        var path = Path.Combine(folder, name);
        await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
        {
            foreach (var piece in pieces)
            {
                await file.WriteAsync(piece, ct);
            }
        }

        Libc.Sync(path, folder: false);
    }
}
