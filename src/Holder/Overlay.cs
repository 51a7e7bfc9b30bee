using System.ComponentModel;
using System.Text;
using DotnetRelease.Containers.Wire;
using DotnetRelease.Holder.Layers;

namespace DotnetRelease.Holder;

/// <summary>One writable tree above read-only lower folders.</summary>
internal sealed class Overlay
{
    /// <summary>
    /// One empty folder serves all containers, because each mounts in a namespace of its own. It is never unmounted: that would make the
    /// end of every container wait for the kernel, which does the same when the namespace goes.
    /// </summary>
    private const string TreeName = "tree";

    private readonly Store _store;
    private readonly Session _session;
    private List<string> _lower;
    private int _round;

    /// <summary>Mounts it.</summary>
    /// <param name="store">Where the lower folders are.</param>
    /// <param name="session">Where the changes go.</param>
    /// <param name="lower">Names in the store, highest first.</param>
    internal Overlay(Store store, Session session, IEnumerable<string> lower)
    {
        (_store, _session, _lower) = (store, session, Visible(store, lower));
        Mount();
    }

    /// <summary>The mounted tree, without any link in the path.</summary>
    internal string Tree { get; private set; } = "";

    private string Upper => Path.Combine(_session.Path, $"upper-{_round}");

    /// <summary>Gives what changed so far a name in the store and goes on above it.</summary>
    internal void Save(string name)
    {
        Mounts.Unmount(Tree, lazily: false);
        _store.Keep(Upper, name);
        _lower = [name, .. _lower];
        Mount();
    }

    private void Mount()
    {
        _round++;
        var tree = _store.PathOf(TreeName);
        Directory.CreateDirectory(tree);
        _session.Folder($"upper-{_round}");
        _session.Folder($"work-{_round}");
        CopyRootMode();

        // The kernel takes one page of options: relative links keep 127 layers short.
        var links = _session.Folder($"lower-{_round}");
        var options = new StringBuilder("lowerdir=");
        for (var i = 0; i < _lower.Count; i++)
        {
            var folder = _store.PathOf(_lower[i]);
            if (!Directory.Exists(folder))
            {
                throw new ReleaseException(Fault.ContainerFailed, $"'{_lower[i]}' is not in the store.");
            }

            File.CreateSymbolicLink(Path.Combine(links, $"{i}"), folder);
            _ = (i is 0 ? options : options.Append(':')).Append(i);
        }

        Environment.CurrentDirectory = links;
        try
        {
            Mounts.Mount("overlay", tree, options.Append($",upperdir=../upper-{_round},workdir=../work-{_round},userxattr").ToString());
        }
        catch (Win32Exception ex)
        {
            throw new ReleaseException(Fault.ContainerFailed, $"the image's layers could not be stacked: {ex.Message}.", inner: ex)
            {
                Remedy = "Linux 5.11 or newer and a local file system with extended attributes are needed; set DOTNET_RELEASE_DATA to a folder on ext4, xfs, btrfs or tmpfs.",
            };
        }
        finally
        {
            Environment.CurrentDirectory = "/";
        }

        using var open = new OpenTree(tree);
        Tree = Files.PathOf(open.Descriptor);
    }

    /// <summary>
    /// What is not below a layer whose root folder is opaque. The kernel looks for that mark in every folder but the root.
    /// </summary>
    private static List<string> Visible(Store store, IEnumerable<string> lower)
    {
        var visible = new List<string>();
        foreach (var name in lower)
        {
            visible.Add(name);
            if (HasMark(store.PathOf(name), Whiteouts.OpaqueMark))
            {
                break;
            }
        }

        return visible;
    }

    /// <summary>
    /// The tree's root folder shows owner and mode of the upper one: they are those of the highest layer that says anything about them. In
    /// a prepared root they are what its container made of them.
    /// </summary>
    private void CopyRootMode()
    {
        var saying = _lower.Find(name => name.StartsWith("roots/", StringComparison.Ordinal) || HasMark(_store.PathOf(name), LayerApplier.RootMark)) ?? _lower[^1];
        var status = Files.Look(Files.CurrentFolder, Encoding.UTF8.GetBytes(_store.PathOf(saying)));
        if (status is not null)
        {
            _ = Files.ChangeOwner(Files.CurrentFolder, Encoding.UTF8.GetBytes(Upper), status.User, status.Group);
            File.SetUnixFileMode(Upper, (UnixFileMode)status.Permissions);
        }
    }

    private static bool HasMark(string folder, ReadOnlySpan<byte> mark)
    {
        var open = Files.Open(Files.CurrentFolder, Encoding.UTF8.GetBytes(folder), Files.OpenFolder, 0, default);
        var has = open >= 0 && Files.HasAttribute(open, mark);
        Native.Close(open);
        return has;
    }
}
