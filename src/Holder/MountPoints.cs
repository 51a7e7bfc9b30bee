using System.Runtime.InteropServices;
using System.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>
/// Makes sure that what bubblewrap mounts on is a real folder or file of the tree. Bubblewrap before 0.12 follows links of the image
/// while it makes mount points (CVE-2026-87766); after this there is nothing left to make or to follow.
/// </summary>
/// <param name="tree">The mounted tree.</param>
internal sealed class MountPoints(string tree)
{
    private const int FolderMode = 0x1ed;
    private const int FileMode = 0x1a4;

    /// <summary>A folder at the top of the tree that must be no link.</summary>
    internal void RequireFolder(string name)
    {
        using var root = OpenRoot();
        var bytes = Encoding.UTF8.GetBytes(name.TrimStart('/'));
        switch (Files.Look(root.Descriptor, bytes))
        {
            case null:
                Native.Check(Files.MakeFolder(root.Descriptor, bytes, FolderMode), $"mkdir of '{name}' in the image");
                break;
            case { Type: Files.TypeFolder }:
                break;
            case { Type: Files.TypeLink }:
                throw Unsafe($"'{name}' of the image is a link; refusing to mount on it");
            default:
                throw Unsafe($"'{name}' of the image is no folder; refusing to mount on it");
        }
    }

    /// <summary>
    /// The path without any link of a folder or file that can be mounted on, created when missing. Links are followed inside the tree
    /// only.
    /// </summary>
    internal string Require(string path, bool folder)
    {
        using var root = OpenRoot();
        var parent = OpenFolder(root.Descriptor, Parts(path).AsSpan()[..^1]);
        try
        {
            return Finish((parent, Parts(path)[^1]), (path, folder));
        }
        finally
        {
            Native.Close(parent);
        }
    }

    /// <summary>A path that says itself where it leads.</summary>
    internal static void RequirePlain(string path) => Parts(path);

    private string Finish((int Parent, string Name) at, (string Path, bool Folder) wanted)
    {
        var name = Encoding.UTF8.GetBytes(at.Name);
        var status = Files.Look(at.Parent, name);
        if (status is { Type: Files.TypeLink })
        {
            return ThroughLink(wanted.Path, wanted.Folder);
        }

        if (status is null)
        {
            Native.Check(wanted.Folder ? Files.MakeFolder(at.Parent, name, FolderMode) : MakeFile(at.Parent, name), $"creating the mount point '{wanted.Path}'");
        }
        else if ((status.Type is Files.TypeFolder) != wanted.Folder)
        {
            throw Unsafe($"'{wanted.Path}' of the image is {(wanted.Folder ? "no folder" : "a folder")}; refusing to mount on it");
        }

        return $"{Inside(at.Parent)}/{at.Name}";
    }

    /// <summary>The end of a link has to be there already: what it should be is nobody's guess.</summary>
    private string ThroughLink(string path, bool folder)
    {
        using var root = OpenRoot();
        var target = Files.Open(root.Descriptor, Encoding.UTF8.GetBytes(path), Files.OpenPath, 0, Resolve.InRoot);
        if (target < 0)
        {
            // Such as resolv.conf, which points below /run where nothing is yet: a plain file takes the link's place.
            return ReplaceLink(path, folder);
        }

        try
        {
            var inside = Inside(target);
            return inside.Length > 0 && (Files.Look(target, [])?.Type is Files.TypeFolder) == folder
                ? inside
                : throw Unsafe($"the link '{path}' of the image leads to '{inside}/'; refusing to mount on it");
        }
        finally
        {
            Native.Close(target);
        }
    }

    private string ReplaceLink(string path, bool folder)
    {
        using var root = OpenRoot();
        var parent = OpenFolder(root.Descriptor, Parts(path).AsSpan()[..^1]);
        try
        {
            Native.Check(Files.Unlink(parent, Encoding.UTF8.GetBytes(Parts(path)[^1]), 0), $"unlink of '{path}' in the image");
            return Finish((parent, Parts(path)[^1]), (path, folder));
        }
        finally
        {
            Native.Close(parent);
        }
    }

    private static int OpenFolder(int root, ReadOnlySpan<string> parts)
    {
        var current = Native.Check(Files.Open(root, "."u8, Files.OpenPath | Files.OpenFolder, 0, Resolve.InRoot), "open");
        var so = "";
        foreach (var part in parts)
        {
            so = $"{so}/{part}";
            var next = Files.Open(root, Encoding.UTF8.GetBytes(so), Files.OpenPath | Files.OpenFolder, 0, Resolve.InRoot);
            if (next < 0 && Marshal.GetLastPInvokeError() is Native.NoSuchFile)
            {
                // EEXIST when it is a dangling link; the second look tells.
                _ = Files.MakeFolder(current, Encoding.UTF8.GetBytes(part), FolderMode);
                next = Files.Open(root, Encoding.UTF8.GetBytes(so), Files.OpenPath | Files.OpenFolder, 0, Resolve.InRoot);
            }

            Native.Close(current);
            current = next >= 0 ? next : throw Unsafe($"'{so}' of the image is no folder; refusing to mount below it");
        }

        return current;
    }

    private static int MakeFile(int parent, ReadOnlySpan<byte> name)
    {
        var file = Files.Open(parent, name, Files.OpenWrite | Files.OpenCreate | Files.OpenExclusive | Files.OpenNoFollow, FileMode, Resolve.NoLinks);
        Native.Close(file);
        return file;
    }

    private string Inside(int descriptor)
    {
        var path = Files.PathOf(descriptor) + "/";
        return path.StartsWith(tree + "/", StringComparison.Ordinal) ? path[tree.Length..^1] : throw Unsafe($"'{path}' is outside of the image");
    }

    private static string[] Parts(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return path.StartsWith('/') && parts.Length > 0 && !parts.Contains("..") && !parts.Contains(".")
            ? parts
            : throw new ReleaseException(Fault.Usage, $"'{path}' is no place to mount on inside a container; it has to be an absolute path below '/' without '..'.");
    }

    private OpenTree OpenRoot() => new(tree);

    private static ReleaseException Unsafe(string what) => new(Fault.ImageUnsafe, what + ".");
}

/// <summary>An open tree, closed at the end of a block.</summary>
internal readonly struct OpenTree : IDisposable
{
    internal OpenTree(string path) =>
        Descriptor = Native.Check(Files.Open(Files.CurrentFolder, Encoding.UTF8.GetBytes(path), Files.OpenPath | Files.OpenFolder, 0, default), $"open of '{path}'");

    internal int Descriptor { get; }

    public void Dispose() => Native.Close(Descriptor);
}
