using System.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder.Layers;

/// <summary>
/// Marks of an upper layer about the lower ones: <c>.wh.NAME</c> removes a name, <c>.wh..wh..opq</c> hides a whole folder's content.
/// They act on lower layers only, wherever in the archive they stand.
/// </summary>
internal sealed class Whiteouts(int root, LayerCost cost)
{
    /// <summary>Overlayfs's attribute for a folder that hides what is below it.</summary>
    internal static ReadOnlySpan<byte> OpaqueMark => "user.overlay.opaque"u8;

    /// <summary>Latin-1, so that every name is a text and two names never the same one.</summary>
    private readonly HashSet<string> _opaque = new(StringComparer.Ordinal);
    private readonly List<byte[]> _removed = [];

    internal static bool Marks(ReadOnlyMemory<byte> name) => name.Span.StartsWith(".wh."u8);

    /// <summary>Whether a folder is AUFS's housekeeping, which says nothing about the image.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ImageMalformed"/>: it has the name of a mark and cannot be one.</exception>
    internal static bool IsBelowMark(ReadOnlySpan<byte> folder)
    {
        var at = folder.StartsWith(".wh."u8) ? 0 : folder.IndexOf("/.wh."u8) + 1;
        if (at is 0 && !folder.StartsWith(".wh."u8))
        {
            return false;
        }

        return folder[at..].StartsWith(".wh..wh."u8) ? true : throw TarReader.Malformed($"has a whiteout as a folder, '{TarEntry.Show(folder)}'");
    }

    internal void Apply((int Descriptor, ReadOnlyMemory<byte> Path) folder, ReadOnlyMemory<byte> mark)
    {
        if (mark.Span.SequenceEqual(".wh..wh..opq"u8))
        {
            SetOpaque(folder.Descriptor, folder.Path.ToArray());
            return;
        }

        if (mark.Span.StartsWith(".wh..wh."u8))
        {
            // Housekeeping of AUFS; it says nothing about the image.
            return;
        }

        var name = mark[4..];
        if (name.IsEmpty || name.Span.SequenceEqual("."u8) || name.Span.SequenceEqual(".."u8))
        {
            throw TarReader.Malformed($"has a whiteout without a name in '{TarEntry.Show(folder.Path.Span)}'");
        }

        const int whiteout = Files.TypeCharacter;
        if (Files.MakeNode(folder.Descriptor, name.Span, whiteout) >= 0)
        {
            _removed.Add(cost.Keep(EntryPath.Join(folder.Path, name)));
        }
        else if (Files.Look(folder.Descriptor, name.Span) is { Type: Files.TypeFolder })
        {
            // The layer removes the old folder and brings its own.
            MakeOpaque(folder.Descriptor, folder.Path, name);
        }
        else if (Files.Look(folder.Descriptor, name.Span) is null)
        {
            throw LayerApplier.Refused(TarEntry.Show(mark.Span));
        }
    }

    /// <summary>Hides what lower layers have in a folder.</summary>
    internal void MakeOpaque(int parent, ReadOnlyMemory<byte> parentPath, ReadOnlyMemory<byte> name)
    {
        var folder = Files.Open(parent, name.Span, Files.OpenFolder | Files.OpenNoFollow, 0, Resolve.NoLinks);
        try
        {
            SetOpaque(folder, EntryPath.Join(parentPath, name));
        }
        finally
        {
            Native.Close(folder);
        }
    }

    /// <summary>Below an opaque folder nothing is merged, and overlayfs would show the devices there.</summary>
    internal void Settle()
    {
        foreach (var removed in _removed)
        {
            if (!IsBelowOpaque(Encoding.Latin1.GetString(removed)))
            {
                continue;
            }

            var (parent, name) = EntryPath.Split(removed);
            var folder = Files.Open(root, parent.IsEmpty ? "."u8 : parent.Span, Files.OpenPath | Files.OpenFolder, 0, Resolve.InRoot);
            if (folder >= 0 && Files.Look(folder, name.Span) is { Type: Files.TypeCharacter })
            {
                _ = Files.Unlink(folder, name.Span, 0);
            }

            Native.Close(folder);
        }
    }

    private bool IsBelowOpaque(ReadOnlySpan<char> path)
    {
        var opaque = _opaque.GetAlternateLookup<ReadOnlySpan<char>>();
        while (!path.IsEmpty)
        {
            path = path[..Math.Max(0, path.LastIndexOf('/'))];
            if (opaque.Contains(path))
            {
                return true;
            }
        }

        return false;
    }

    private void SetOpaque(int folder, byte[] path)
    {
        // Parents are opened with O_PATH, which takes no attributes.
        var writable = Files.Open(folder, "."u8, Files.OpenFolder, 0, Resolve.NoLinks);
        var set = writable < 0 ? writable : Files.SetAttribute(writable, OpaqueMark, "y"u8);
        Native.Close(writable);
        if (set < 0)
        {
            throw LayerApplier.Refused(TarEntry.Show(path));
        }

        _opaque.Add(Encoding.Latin1.GetString(cost.Keep(path)));
    }
}
