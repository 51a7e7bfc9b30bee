using System.Buffers.Binary;

namespace DotnetRelease.Holder;

/// <summary>
/// A classic BPF program in the form of seccomp(2): it looks at one call, whose number, machine and arguments it can load, and returns
/// a verdict. Jumps go forward only, at most 255 instructions far.
/// </summary>
internal sealed class BpfProgram
{
    /// <summary>Where the call's number is in <c>struct seccomp_data</c>.</summary>
    internal const int CallNumber = 0;

    /// <summary>Where its machine is, one of AUDIT_ARCH.</summary>
    internal const int Machine = 4;

    /// <summary>What the kernel takes at most.</summary>
    private const int MostInstructions = 4096;

    private const int Size = 8;

    /// <summary><c>struct sock_filter</c> each: code 2, jump if true 1, jump if false 1, constant 4.</summary>
    private readonly byte[] _bytes = new byte[MostInstructions * Size];
    private int _count;

    /// <summary>What a jump compares the loaded value with its constant for.</summary>
    internal enum Test : ushort
    {
        Equal = 0x15,
        AtLeast = 0x35,
        AnyBit = 0x45,
    }

    /// <summary>
    /// Where the low half of an argument is. The kernel looks at no more of those that we examine; comparing all 64 bits lets a call
    /// with rubbish above through (CVE-2019-10063).
    /// </summary>
    internal static int Argument(int index) => 16 + (8 * index);

    internal void Load(int offset) => Add(0x20, (uint)offset);

    internal void Return(uint verdict) => Add(0x06, verdict);

    internal void ReturnIf(Test test, uint constant, uint verdict)
    {
        Set(_count++, (ushort)test, (0, 1), constant);
        Return(verdict);
    }

    internal void ReturnUnless(Test test, uint constant, uint verdict)
    {
        Set(_count++, (ushort)test, (1, 0), constant);
        Return(verdict);
    }

    /// <summary>Goes on with <paramref name="otherwise"/>, or behind it when the test holds.</summary>
    internal void Unless(Test test, uint constant, Action otherwise)
    {
        var at = _count++;
        otherwise();
        Set(at, (ushort)test, (_count - at - 1, 0), constant);
    }

    internal byte[] ToBytes() => _bytes[..(_count * Size)];

    private void Add(ushort code, uint constant) => Set(_count++, code, (0, 0), constant);

    private void Set(int at, ushort code, (int WhenTrue, int WhenFalse) jump, uint constant)
    {
        var instruction = _bytes.AsSpan(at * Size, Size);
        BinaryPrimitives.WriteUInt16LittleEndian(instruction, code);
        instruction[2] = checked((byte)jump.WhenTrue);
        instruction[3] = checked((byte)jump.WhenFalse);
        BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], constant);
    }
}
