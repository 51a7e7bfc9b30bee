using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DotnetRelease.Holder.Launch;

/// <summary>
/// Instructions for one kind of processor, as many as a list of system calls needs. Nothing but the
/// result of the last call is kept from one to the next.
/// </summary>
internal abstract class MachineCode
{
    private readonly List<int> _leaving = [];
    private byte[] _bytes = new byte[4096];
    private int _length;

    /// <summary>e_machine of elf(5).</summary>
    internal abstract ushort ElfMachine { get; }

    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>For the processor we run on.</summary>
    internal static MachineCode ForThisMachine() => For(RuntimeInformation.ProcessArchitecture);

    internal static MachineCode For(Architecture machine) => machine is Architecture.Arm64 ? new Arm64Code() : new X64Code();

    /// <summary>One system call with constant arguments, at most five.</summary>
    internal abstract void Invoke(Call call, params ulong[] arguments);

    /// <summary>When the last call failed: its error number and this step are stored, and nothing else is done.</summary>
    /// <param name="report">Address of two 32-bit numbers: step and negative error number.</param>
    /// <param name="step">What was tried.</param>
    internal abstract void LeaveIfFailed(ulong report, LaunchStep step);

    /// <summary>
    /// After a try to start a program, which comes back only when it failed: "no such file" is no news, every other reason is stored, and
    /// any but "permission denied" ends the search, as execvp(3) does it.
    /// </summary>
    /// <param name="report">Address of two 32-bit numbers; the first stays.</param>
    internal abstract void LeaveUnlessMissing(ulong report);

    /// <summary>Where everything goes on that left.</summary>
    internal void Here()
    {
        _leaving.ForEach(Land);
        _leaving.Clear();
    }

    /// <summary>Fills in the distance of a jump.</summary>
    /// <param name="at">The last four bytes of the jump.</param>
    /// <param name="distance">In bytes, from there.</param>
    protected abstract void PatchJump(Span<byte> at, int distance);

    /// <summary>This jump leads to <see cref="Here"/>.</summary>
    protected void Leave(int jump) => _leaving.Add(jump);

    /// <summary>This jump leads to the next instruction.</summary>
    protected void Land(int jump) => PatchJump(_bytes.AsSpan(jump), _length - jump);

    /// <summary>Writes a jump whose distance is not known yet, and returns where that stands.</summary>
    protected int EmitJump(params ReadOnlySpan<byte> instruction)
    {
        Emit(instruction);
        return _length - sizeof(uint);
    }

    protected void Emit(params ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _length < bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Little-endian, as both processors are.</summary>
    protected static byte[] Word(uint word)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, word);
        return bytes;
    }
}

/// <summary>The system calls of a launch.</summary>
internal enum Call
{
    Write,
    Close,
    CloseRange,
    Ioctl,
    Duplicate,
    OpenAt,
    ChangeFolder,
    NewSession,
    SetGroups,
    SetGroup,
    SetUser,
    Control,
    SetCapabilities,
    SetLimit,
    SendMessage,
    Execute,
    Exit,
}
