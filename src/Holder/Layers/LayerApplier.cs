using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder.Layers;

/// <summary>
/// Applies one layer to an empty folder, in the form in which overlayfs stacks it: whiteouts are character devices 0:0, opaque folders
/// carry an attribute (OCI image specification, "Image Layer Filesystem Changeset"; kernel, "Overlay Filesystem"). No name of the
/// archive is ever resolved outside the folder: parents are opened with RESOLVE_IN_ROOT, the last part is never followed.
/// </summary>
/// <param name="root">The open, empty folder.</param>
/// <param name="ids">How many user and group ids exist here; higher ones cannot be given.</param>
/// <param name="cost">What it may cost.</param>
internal sealed class LayerApplier(int root, int ids, LayerCost cost) : IDisposable
{
    /// <summary>On the root folder of a layer that says what owner and mode it has; others leave that to the layers below.</summary>
    internal static ReadOnlySpan<byte> RootMark => "user.dotnet-release.root"u8;

    private const int Permissions = 0xfff;

    /// <summary>setuid, setgid and sticky, and what our umask takes away: these need a second call.</summary>
    private const int LatePermissions = 0xe00 | 0x12;

    private readonly Parents _parents = new(root, cost);
    private readonly Whiteouts _whiteouts = new(root, cost);
    private readonly List<(byte[] Name, long Seconds, long Nanoseconds)> _folders = [];

    /// <summary>Device nodes that were left out: nobody but the real root may make them.</summary>
    internal int SkippedDevices { get; private set; }

    /// <summary>File capabilities that were left out: the sandbox sets no_new_privs, where they have no effect.</summary>
    internal int SkippedCapabilities { get; private set; }

    /// <summary>Attributes that were left out because they are the kernel's or the overlay's, such as <c>security.selinux</c>.</summary>
    internal int SkippedAttributes { get; private set; }

    /// <summary>Applies every entry.</summary>
    /// <exception cref="ReleaseException">The archive is malformed or unsafe, or the disk refused.</exception>
    internal void Apply(TarReader archive)
    {
        while (archive.Next() is { } entry)
        {
            Apply(archive, entry);
        }

        _whiteouts.Settle();
        SetFolderTimes();
    }

    public void Dispose() => _parents.Dispose();

    private void Apply(TarReader archive, TarEntry entry)
    {
        var (parent, name) = EntryPath.Split(entry.Name);
        cost.Add(parent.Span);
        if (name.IsEmpty)
        {
            ApplyToRoot(entry);
            return;
        }

        if (Whiteouts.IsBelowMark(parent.Span))
        {
            return;
        }

        var folder = _parents.Open(parent);
        if (Whiteouts.Marks(name))
        {
            _whiteouts.Apply((folder, parent), name);
            return;
        }

        CheckOwner(entry);
        switch (entry.Type)
        {
            case '0':
                WriteFile(archive, entry, (folder, name));
                break;
            case '1':
                WriteHardLink(entry, (folder, name));
                break;
            case '2':
                Create(entry, () => Files.MakeLink(entry.LinkName, folder, name.Span), (folder, name));
                Own(entry, folder, name.Span);
                break;
            case '5':
                WriteFolder(entry, (folder, parent), name);
                break;
            case '6':
                Create(entry, () => Files.MakeNode(folder, name.Span, Files.TypeFifo), (folder, name));
                Check(Files.ChangeMode(folder, name.Span, entry.Mode & Permissions), entry);
                Own(entry, folder, name.Span);
                break;
            default:
                SkippedDevices++;
                break;
        }
    }

    private void ApplyToRoot(TarEntry entry)
    {
        if (entry.Type is not '5')
        {
            throw TarReader.Malformed($"replaces the root folder with an entry of type '{entry.Type}'");
        }

        CheckOwner(entry);
        Check(Files.ChangeOwner(root, [], (int)entry.User, (int)entry.Group), entry);
        Check(Files.ChangeMode(root, entry.Mode & Permissions), entry);
        Check(Files.SetAttribute(root, RootMark, "y"u8), entry);
    }

    private void WriteFile(TarReader archive, TarEntry entry, (int Folder, ReadOnlyMemory<byte> Name) at)
    {
        var file = Create(
            entry,
            () => Files.Open(at.Folder, at.Name.Span, Files.OpenWrite | Files.OpenCreate | Files.OpenExclusive | Files.OpenNoFollow, entry.Mode & ~LatePermissions & Permissions, Resolve.NoLinks),
            at);
        try
        {
            WriteContent(archive, entry, file);

            if (entry.User is not 0 || entry.Group is not 0)
            {
                Check(Files.ChangeOwner(file, [], (int)entry.User, (int)entry.Group), entry);
            }

            if ((entry.Mode & LatePermissions) is not 0)
            {
                // After the owner: changing the owner takes these bits away.
                Check(Files.ChangeMode(file, entry.Mode & Permissions), entry);
            }

            WriteAttributes(entry, file);
            Check(Files.SetModified(file, [], entry.Modified, entry.ModifiedNanoseconds), entry);
        }
        finally
        {
            Native.Close(file);
        }
    }

    private void WriteContent(TarReader archive, TarEntry entry, int file)
    {
        var whole = ImmutableArray.Create((Offset: 0L, Length: entry.Size));
        foreach (var (offset, length) in entry.Sparse?.Parts ?? whole)
        {
            if (offset > 0)
            {
                Check(Files.Seek(file, offset), entry);
            }

            for (var left = length; left > 0;)
            {
                var part = archive.ReadContent(left);
                Check(Files.WriteAll(file, part), entry);
                left -= part.Length;
            }
        }

        if (entry.Sparse is { } map)
        {
            cost.AddSparse(map.Size);
            Check(Files.Resize(file, map.Size), entry);
        }
    }

    private void WriteFolder(TarEntry entry, (int Descriptor, ReadOnlyMemory<byte> Path) parent, ReadOnlyMemory<byte> name)
    {
        if (Files.MakeFolder(parent.Descriptor, name.Span, entry.Mode & Permissions) < 0)
        {
            var existing = Files.Look(parent.Descriptor, name.Span);
            if (existing is not { Type: Files.TypeFolder })
            {
                var wasWhiteout = existing is { Type: Files.TypeCharacter };
                Create(entry, () => Files.MakeFolder(parent.Descriptor, name.Span, entry.Mode & Permissions), (parent.Descriptor, name));
                if (wasWhiteout)
                {
                    _whiteouts.MakeOpaque(parent.Descriptor, parent.Path, name);
                }
            }
        }

        var folder = Check(Files.Open(parent.Descriptor, name.Span, Files.OpenFolder | Files.OpenNoFollow, 0, Resolve.NoLinks), entry);
        try
        {
            Check(Files.ChangeOwner(folder, [], (int)entry.User, (int)entry.Group), entry);
            Check(Files.ChangeMode(folder, entry.Mode & Permissions), entry);
            WriteAttributes(entry, folder);
        }
        finally
        {
            Native.Close(folder);
        }

        // What is written into it later would change the time again.
        _folders.Add((cost.Keep(EntryPath.Join(parent.Path, name)), entry.Modified, entry.ModifiedNanoseconds));
    }

    private void WriteHardLink(TarEntry entry, (int Folder, ReadOnlyMemory<byte> Name) at)
    {
        var (targetParent, targetName) = EntryPath.Split(entry.LinkName);
        var target = Files.Open(root, targetParent.IsEmpty ? "."u8 : targetParent.Span, Files.OpenPath | Files.OpenFolder, 0, Resolve.InRoot);
        try
        {
            if (target < 0 || targetName.IsEmpty || Files.Look(target, targetName.Span) is null or { Type: Files.TypeFolder or Files.TypeCharacter })
            {
                throw TarReader.Malformed($"has a hard link '{TarEntry.Show(entry.Name)}' to '{TarEntry.Show(entry.LinkName)}', which is no file before it");
            }

            Create(entry, () => Files.MakeHardLink(target, targetName.Span, at.Folder, at.Name.Span), at);
        }
        finally
        {
            Native.Close(target);
        }
    }

    /// <summary>Calls <paramref name="make"/>; what already has the name gives way, unless it is a folder.</summary>
    private int Create(TarEntry entry, Func<int> make, (int Folder, ReadOnlyMemory<byte> Name) at)
    {
        var made = make();
        if (made < 0 && Marshal.GetLastPInvokeError() is Native.Exists)
        {
            if (Files.Look(at.Folder, at.Name.Span) is { Type: Files.TypeFolder })
            {
                throw TarReader.Malformed($"has '{TarEntry.Show(entry.Name)}' both as a folder and as something else");
            }

            // A link that parents were opened through may be what goes away.
            _parents.Forget(except: at.Folder);
            Check(Files.Unlink(at.Folder, at.Name.Span, 0), entry);
            made = make();
        }

        return Check(made, entry);
    }

    private static void Own(TarEntry entry, int folder, ReadOnlySpan<byte> name)
    {
        Check(Files.ChangeOwner(folder, name, (int)entry.User, (int)entry.Group), entry);
        Check(Files.SetModified(folder, name, entry.Modified, entry.ModifiedNanoseconds), entry);
    }

    /// <summary>Only plain user attributes: the others would be refused by the kernel or give an image power over the overlay.</summary>
    private void WriteAttributes(TarEntry entry, int descriptor)
    {
        foreach (var (name, value) in entry.Attributes)
        {
            if (name is "security.capability")
            {
                SkippedCapabilities++;
            }
            else if (name.StartsWith("user.", StringComparison.Ordinal) && !name.StartsWith("user.overlay.", StringComparison.Ordinal))
            {
                Check(Files.SetAttribute(descriptor, Encoding.UTF8.GetBytes(name), value), entry, $"the attribute '{TarEntry.Show(Encoding.UTF8.GetBytes(name))}' of ");
            }
            else
            {
                SkippedAttributes++;
            }
        }
    }

    private void CheckOwner(TarEntry entry)
    {
        // Also keeps -1 out, which chown(2) takes as "leave it".
        if (entry.User < 0 || entry.User >= ids || entry.Group < 0 || entry.Group >= ids)
        {
            throw new ReleaseException(
                Fault.IdRangeMissing,
                $"the layer gives '{TarEntry.Show(entry.Name)}' to {entry.User}:{entry.Group}, but this container has the ids 0 to {ids - 1} only")
            {
                Remedy = "Give your user a larger range in /etc/subuid and /etc/subgid, or use another image.",
            };
        }
    }

    private void SetFolderTimes()
    {
        foreach (var (name, seconds, nanoseconds) in _folders)
        {
            var folder = Files.Open(root, name, Files.OpenFolder | Files.OpenNoFollow, 0, Resolve.Beneath | Resolve.NoLinks);
            if (folder >= 0)
            {
                _ = Files.SetModified(folder, [], seconds, nanoseconds);
                Native.Close(folder);
            }
        }
    }

    private static int Check(int result, TarEntry entry, string part = "") => result >= 0 ? result : throw Refused(TarEntry.Show(entry.Name), part);

    /// <summary>What errno says about one name of the layer.</summary>
    internal static ReleaseException Refused(string name, string part = "")
    {
        var errno = Marshal.GetLastPInvokeError();
        const int quotaExceeded = 122;
        var why = Marshal.GetPInvokeErrorMessage(errno);
        return errno is Native.NoSpace or quotaExceeded
            ? new ReleaseException(Fault.WriteFailed, $"no space left while unpacking {part}'{name}': {why}")
            : new ReleaseException(Fault.ImageUnsafe, $"{part}entry '{name}' of the layer cannot be unpacked: {why}");
    }
}
