using DotnetRelease.Containers.Wire;
using DotnetRelease.Holder.Layers;
using DotnetRelease.Images;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Holder;

/// <summary>
/// Unpacked layers and prepared roots, each complete from the moment it has its name. Everything unfinished lives in the folder of the
/// session that makes it, under a lock that dies with that session.
/// </summary>
/// <param name="folder">The store for one range of ids.</param>
/// <param name="ids">How many ids a container has.</param>
internal sealed class Store(string folder, int ids)
{
    private const string UseLock = "locks/in-use";

    private readonly Lock _gate = new();
    private FolderLock? _use;

    internal string Folder { get; } = folder;

    /// <summary>Makes the folders that everything else relies on.</summary>
    internal void Prepare()
    {
        Directory.CreateDirectory(PathOf("locks"));
        Directory.CreateDirectory(PathOf("sessions"));
    }

    internal string PathOf(string name) => Path.Combine(Folder, name);

    internal bool Has(string name) => Directory.Exists(PathOf(name));

    /// <summary>Unpacks a layer unless it is there; a second session that wants the same one waits for the first.</summary>
    /// <returns>A note for the user, or nothing.</returns>
    internal string Unpack(string diffId, (SafeFileHandle File, LayerCompression Compression) packed, Session session)
    {
        var name = $"layers/{diffId}";
        using var wait = FolderLock.Wait(PathOf($"locks/{diffId}"));
        if (Has(name))
        {
            return "";
        }

        Directory.CreateDirectory(PathOf("layers"));
        var unfinished = session.Folder($"layer-{diffId}");
        var root = Native.Check(Files.Open(Files.CurrentFolder, System.Text.Encoding.UTF8.GetBytes(unfinished), Files.OpenFolder, 0, default), "open");
        try
        {
            var note = Apply(root, packed, diffId);
            Mounts.Sync(unfinished);
            Rename(unfinished, PathOf(name));
            return note;
        }
        catch (ReleaseException)
        {
            Trees.Remove(unfinished);
            throw;
        }
        finally
        {
            Native.Close(root);
        }
    }

    /// <summary>Gives a finished folder its name. When another session was faster, theirs stays.</summary>
    internal void Keep(string unfinished, string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        Mounts.Sync(unfinished);
        using var alone = FolderLock.Wait(PathOf($"locks/{Path.GetFileName(name)}"));
        if (Has(name))
        {
            Trees.Remove(unfinished);
            return;
        }

        Rename(unfinished, PathOf(name));
    }

    /// <summary>From now on nobody removes anything from the store while we live.</summary>
    internal void Use()
    {
        lock (_gate)
        {
            _use ??= FolderLock.Share(PathOf(UseLock));
        }
    }

    /// <summary>Removes folders that no container uses. Their names go first, so that a crash leaves nothing that looks complete.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.LockHeld"/> while a container runs.</exception>
    internal void Remove(IEnumerable<string> names, Session session)
    {
        using var alone = FolderLock.Try(PathOf(UseLock)) ?? throw new ReleaseException(Fault.LockHeld, "a container is running; nothing of its store is removed meanwhile.");
        foreach (var name in names)
        {
            if (Has(name))
            {
                var doomed = Path.Combine(session.Path, $"removed-{Path.GetFileName(name)}");
                Rename(PathOf(name), doomed);
                Trees.Remove(doomed);
            }
        }
    }

    private string Apply(int root, (SafeFileHandle File, LayerCompression Compression) packed, string diffId)
    {
        using var bytes = new LayerStream(packed.File, packed.Compression, LayerLimits.Default);
        using var applier = new LayerApplier(root, ids, new LayerCost(LayerLimits.Default));
        applier.Apply(new TarReader(bytes));
        var digest = bytes.Finish();
        if (!string.Equals(digest, diffId, StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.ImageMismatch, $"the uncompressed layer has the digest sha256:{digest}, its image promises sha256:{diffId}");
        }

        var leftOut = string.Join(", ", Words(applier));
        return leftOut is "" ? "" : $"left out: {leftOut}";
    }

    private static IEnumerable<string> Words(LayerApplier applier) =>
        from kind in ((int Count, string One, string Many)[])
        [
            (applier.SkippedDevices, "device node", "device nodes"),
            (applier.SkippedCapabilities, "file capability", "file capabilities"),
            (applier.SkippedAttributes, "attribute of the system", "attributes of the system"),
        ]
        where kind.Count > 0
        select $"{kind.Count} {(kind.Count is 1 ? kind.One : kind.Many)}";

    private static void Rename(string from, string to)
    {
        Directory.Move(from, to);
        Mounts.SyncNames(Path.GetDirectoryName(to)!);
    }
}
