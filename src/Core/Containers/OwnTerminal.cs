using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Containers;

/// <summary>The terminal on our standard input.</summary>
internal sealed unsafe partial class OwnTerminal
{
    private const int Input = 0;
    private const nuint GetWindowSize = 0x5413;
    private const nuint SetWindowSize = 0x5414;

    /// <summary>Larger than every <c>struct termios</c>, which only libc has to understand.</summary>
    private const int SettingsSize = 256;

    private readonly byte[] _before = new byte[SettingsSize];

    private OwnTerminal()
    {
    }

    /// <summary>Its size now; as terminals once were, when it does not know.</summary>
    internal WindowSize Size
    {
        get
        {
            var bytes = stackalloc byte[WindowSize.ByteCount];
            var size = ioctl(Input, GetWindowSize, bytes) < 0
                ? null
                : new WindowSize(BinaryPrimitives.ReadUInt16LittleEndian(new(bytes, 2)), BinaryPrimitives.ReadUInt16LittleEndian(new(bytes + 2, 2)));
            return size is { Rows: > 0, Columns: > 0 } ? size : new WindowSize(24, 80);
        }
    }

    /// <summary>Whether a descriptor of ours is a terminal.</summary>
    internal static bool IsTerminal(int descriptor) => isatty(descriptor) is 1;

    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>: standard input is no terminal.</exception>
    internal static OwnTerminal OfStandardInput() => IsTerminal(Input)
        ? new OwnTerminal()
        : throw new ReleaseException(Fault.Usage, "A terminal for the command (--tty, -t) needs one on standard input, and that is a file or a pipe.")
        {
            Remedy = "Leave out -t; -i alone passes standard input on.",
        };

    /// <summary>Gives another terminal our size.</summary>
    internal void CopySizeTo(int terminal)
    {
        fixed (byte* bytes = Size.ToBytes())
        {
            _ = ioctl(terminal, SetWindowSize, bytes);
        }
    }

    /// <summary>Remembers its settings, and has every key passed on as it is: the other terminal knows what Ctrl-C means.</summary>
    internal void BeRaw()
    {
        var raw = stackalloc byte[SettingsSize];
        fixed (byte* before = _before)
        {
            if (tcgetattr(Input, before) < 0)
            {
                return;
            }
        }

        _before.CopyTo(new Span<byte>(raw, SettingsSize));
        cfmakeraw(raw);
        _ = tcsetattr(Input, 0, raw);
    }

    /// <summary>Gives it the remembered settings.</summary>
    internal void BeAsBefore()
    {
        fixed (byte* before = _before)
        {
            _ = tcsetattr(Input, 0, before);
        }
    }

    [LibraryImport("libc")]
    private static partial int isatty(int descriptor);

    [LibraryImport("libc")]
    private static partial int ioctl(int descriptor, nuint request, byte* argument);

    [LibraryImport("libc")]
    private static partial int tcgetattr(int descriptor, byte* settings);

    [LibraryImport("libc")]
    private static partial int tcsetattr(int descriptor, int when, byte* settings);

    [LibraryImport("libc")]
    private static partial void cfmakeraw(byte* settings);
}
