using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder.Layers;

/// <summary>Opens the folders that entries go into, creating missing ones. Neighbours in an archive mostly share theirs, so the last one stays open.</summary>
internal sealed class Parents(int root, LayerCost cost) : IDisposable
{
    private ReadOnlyMemory<byte> _path;
    private int _folder = -1;

    /// <summary>The open folder; it stays ours.</summary>
    internal int Open(ReadOnlyMemory<byte> path)
    {
        if (path.IsEmpty)
        {
            return root;
        }

        if (_folder >= 0 && path.Span.SequenceEqual(_path.Span))
        {
            return _folder;
        }

        Dispose();
        _folder = Walk(path.Span);
        if (_folder < 0)
        {
            Create(path.Span);
            _folder = Walk(path.Span);
        }

        _path = path;
        return _folder >= 0 ? _folder : throw LayerApplier.Refused(TarEntry.Show(path.Span));
    }

    /// <summary>Forgets what was opened before, because a name on the way may have changed.</summary>
    internal void Forget(int except)
    {
        if (_folder != except)
        {
            Dispose();
        }

        _path = default;
    }

    public void Dispose()
    {
        Native.Close(_folder);
        _folder = -1;
    }

    private int Walk(ReadOnlySpan<byte> path) => Files.Open(root, path, Files.OpenPath | Files.OpenFolder, 0, Resolve.InRoot);

    /// <summary>Archives may leave folders out; they are root's with mode 755 then. A dangling link on the way is an error.</summary>
    private void Create(ReadOnlySpan<byte> path)
    {
        for (var end = 0; end >= 0 && end < path.Length;)
        {
            var next = path[(end + 1)..].IndexOf((byte)'/');
            end = next < 0 ? path.Length : end + 1 + next;
            var folder = Walk(path[..end]);
            if (folder < 0)
            {
                var slash = path[..end].LastIndexOf((byte)'/');
                var parent = slash < 0 ? root : Walk(path[..slash]);
                cost.Add(path[..end]);
                _ = Files.MakeFolder(parent, path[(slash + 1)..end], 0x1ed);
                if (slash >= 0)
                {
                    Native.Close(parent);
                }
            }

            Native.Close(folder);
        }
    }
}
