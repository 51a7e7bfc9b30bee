using System.Buffers.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>A sandbox that is made but waits with its command, so that something can be done to it from outside before.</summary>
internal sealed class HeldStart : IDisposable
{
    private (int Read, int Write) _info = Native.Pipe();
    private (int Read, int Write) _block = Native.Pipe();

    /// <summary>Where bubblewrap writes.</summary>
    internal int Info => _info.Write;

    /// <summary>Where bubblewrap waits.</summary>
    internal int Block => _block.Read;

    /// <summary>The number of the sandbox's first process, once it is there. Bubblewrap writes <c>{ "child-pid": N … }</c> and closes.</summary>
    internal int WaitForPid()
    {
        Native.Close(_info.Write);
        _info.Write = -1;
        Span<byte> text = stackalloc byte[512];
        var length = Math.Max(0, Files.ReadAll(_info.Read, text));
        var key = text[..length].IndexOf("\"child-pid\":"u8);
        return key >= 0 && Utf8Parser.TryParse(text[(key + 12)..length].TrimStart((byte)' '), out int pid, out _)
            ? pid
            : throw new ReleaseException(Fault.ContainerFailed, "bubblewrap ended before the sandbox was there.");
    }

    /// <summary>Lets the command start.</summary>
    internal void Release() => Native.Check(Files.WriteAll(_block.Write, "\n"u8), "write");

    /// <summary>A command that was not released starts now: whoever does not want that kills it before.</summary>
    public void Dispose()
    {
        Native.Close(_info.Read);
        Native.Close(_info.Write);
        Native.Close(_block.Read);
        Native.Close(_block.Write);
    }
}
