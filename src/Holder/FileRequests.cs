using System.Runtime.InteropServices;
using System.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>Single files of the mounted tree for the tool, which cannot see the mount. No link is followed on the way out.</summary>
internal static class FileRequests
{
    /// <summary>More are not wanted from any folder, and a message has an end.</summary>
    private const int MostNames = 10_000;

    private const Resolve Strict = Resolve.Beneath | Resolve.NoLinks;

    internal static Message Read(string tree, long id, Message message)
    {
        var path = message.ReadText();
        var limit = message.ReadNumber();

        // Non-blocking: opening a FIFO for reading would wait for a writer for ever.
        var file = Open(tree, path, Files.OpenNonBlocking | Files.OpenNoFollow);
        var status = Files.Look(file, []);
        if (status is not { Type: Files.TypeRegular } || status.Size > limit)
        {
            Native.Close(file);
            throw new ReleaseException(Fault.BuildResultWrong, status is { Type: Files.TypeRegular }
                ? $"'{path}' in the container has {status.Size} bytes; {limit} are allowed."
                : $"'{path}' in the container is no regular file.");
        }

        return Answer.Done(id, status.Size, descriptor: file);
    }

    /// <summary>
    /// Lines of a file that programs of the image would read, such as <c>/etc/passwd</c>: links are followed inside the tree, as they do it.
    /// No lines when there is no such file, or no regular one of a sensible size.
    /// </summary>
    internal static string[] ReadLines(string tree, string path)
    {
        const int limit = 1024 * 1024;
        using var root = new OpenTree(tree);
        var file = Files.Open(root.Descriptor, Relative(path), Files.OpenNonBlocking, 0, Resolve.InRoot);
        try
        {
            if (file < 0 || Files.Look(file, []) is not { Type: Files.TypeRegular, Size: <= limit } status)
            {
                return [];
            }

            var bytes = new byte[status.Size];
            var length = Math.Max(0, Files.ReadAll(file, bytes));
            return Encoding.UTF8.GetString(bytes, 0, length).Split('\n');
        }
        finally
        {
            Native.Close(file);
        }
    }

    internal static Message Write(string tree, long id, Message message)
    {
        var path = message.ReadText();
        var mode = message.ReadInt();
        using var root = new OpenTree(tree);
        var name = Relative(path);
        var flags = Files.OpenWrite | Files.OpenCreate | Files.OpenTruncate | Files.OpenNoFollow | Files.OpenNonBlocking;
        var file = Files.Open(root.Descriptor, name, flags, mode, Strict);
        if (file < 0)
        {
            throw Refused(path);
        }

        try
        {
            var buffer = new byte[128 * 1024];
            for (int count; (count = Files.ReadAll(message.Descriptors[0], buffer)) > 0;)
            {
                Native.Check(Files.WriteAll(file, buffer.AsSpan(0, count)), $"write of '{path}'");
            }

            Native.Check(Files.ChangeMode(file, mode), $"chmod of '{path}'");
        }
        finally
        {
            Native.Close(file);
        }

        return Answer.Done(id);
    }

    /// <summary>Each name with a type letter before it: f, d, l or o for others.</summary>
    internal static Message List(string tree, long id, Message message)
    {
        var folder = Open(tree, message.ReadText(), Files.OpenFolder | Files.OpenNoFollow);
        try
        {
            var names = Trees.List(folder);
            if (names.Count > MostNames)
            {
                throw new ReleaseException(Fault.BuildResultWrong, $"a folder of the container has {names.Count} entries; {MostNames} are allowed.");
            }

            return Answer.Done(id, [.. from name in names select Letter(Files.Look(folder, name)) + Encoding.UTF8.GetString(name)]);
        }
        finally
        {
            Native.Close(folder);
        }
    }

    private static int Open(string tree, string path, int flags)
    {
        using var root = new OpenTree(tree);
        var file = Files.Open(root.Descriptor, Relative(path), flags, 0, Strict);
        return file >= 0 ? file : throw Refused(path);
    }

    private static char Letter(Status? status) => status?.Type switch
    {
        Files.TypeRegular => 'f',
        Files.TypeFolder => 'd',
        Files.TypeLink => 'l',
        _ => 'o',
    };

    private static byte[] Relative(string path) => Encoding.UTF8.GetBytes(path.TrimStart('/') is { Length: > 0 } relative ? relative : ".");

    private static ReleaseException Refused(string path)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new ReleaseException(Fault.BuildResultWrong, $"'{path}' in the container cannot be opened without following a link: {Marshal.GetPInvokeErrorMessage(errno)}.");
    }
}
