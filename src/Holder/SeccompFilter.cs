using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DotnetRelease.Holder;

/// <summary>
/// The system calls that no build and no package script needs and that have opened sandboxes before: mounting, new namespaces, keys,
/// kernel programs, the terminal's input queue. A classic BPF program in the form of seccomp(2).
/// </summary>
internal static class SeccompFilter
{
    // struct seccomp_data: number 0, architecture 4, instruction pointer 8, six arguments of 8 bytes from 16.
    private const int Number = 0;
    private const int Arch = 4;
    private const int FirstArgument = 16;
    private const int SecondArgument = 24;

    private const uint Allow = 0x7fff0000;
    private const uint Refuse = 0x00050000;
    private const uint NotPermitted = Refuse | 1;
    private const uint NotImplemented = Refuse | 38;
    private const uint NoSuchFamily = Refuse | 97;

    // CLONE_NEW: time 0x80 is valid for unshare and clone3 only.
    private const uint NewNamespaces = 0x7e020000;

    /// <summary>TIOCSTI types into the terminal, TIOCLINUX pastes into a virtual console.</summary>
    private static readonly uint[] TerminalInput = [0x5412, 0x541c];

    /// <summary>Unix, IPv4, IPv6, netlink. Others, such as the hypervisor's vsock, know no network namespace.</summary>
    private static readonly uint[] SocketFamilies = [1, 2, 10, 16];

    /// <summary>The program for this machine.</summary>
    internal static byte[] ForThisMachine() => For(RuntimeInformation.ProcessArchitecture);

    internal static byte[] For(Architecture machine)
    {
        var calls = machine is Architecture.Arm64 ? SystemCalls.Arm64 : SystemCalls.X64;
        var program = new Assembler();
        program.Load(Arch);
        program.UnlessEqual(calls.AuditArchitecture, NotImplemented);
        program.Load(Number);
        if (machine is Architecture.X64)
        {
            // The x32 numbers would go round every rule below.
            program.IfAtLeast(0x40000000, NotImplemented);
        }

        foreach (var refused in calls.Refused)
        {
            program.IfEqual(refused, NotPermitted);
        }

        // Their flags lie in memory, out of a filter's sight; programs fall back to the older calls.
        program.IfEqual(calls.Clone3, NotImplemented);
        foreach (var ring in calls.IoUring)
        {
            program.IfEqual(ring, NotImplemented);
        }

        program.IfCall(calls.Clone, FirstArgument, rule => rule.IfAnyBit(NewNamespaces, NotPermitted));
        program.IfCall(calls.Ioctl, SecondArgument, rule =>
        {
            foreach (var request in TerminalInput)
            {
                rule.IfEqual(request, NotPermitted);
            }
        });
        program.IfCall(calls.Socket, FirstArgument, rule => rule.UnlessOneOf(SocketFamilies, NoSuchFamily));
        program.Return(Allow);
        return program.ToBytes();
    }

    /// <summary>Writes <c>struct sock_filter</c>: code 2, jump if true 1, jump if false 1, constant 4.</summary>
    private sealed class Assembler
    {
        private const int Size = 8;
        private const ushort LoadWord = 0x20;
        private const ushort JumpEqual = 0x15;
        private const ushort JumpAtLeast = 0x35;
        private const ushort JumpAnyBit = 0x45;
        private const ushort ReturnConstant = 0x06;

        private readonly byte[] _bytes = new byte[4096];
        private int _length;

        /// <summary>Arguments are 64 bits wide, but the kernel looks at the low half of these: so do we.</summary>
        internal void Load(int offset) => Add(LoadWord, 0, 0, (uint)offset);

        internal void Return(uint verdict) => Add(ReturnConstant, 0, 0, verdict);

        internal void IfEqual(uint value, uint verdict) => If(JumpEqual, value, verdict);

        internal void IfAtLeast(uint value, uint verdict) => If(JumpAtLeast, value, verdict);

        internal void IfAnyBit(uint bits, uint verdict) => If(JumpAnyBit, bits, verdict);

        internal void UnlessEqual(uint value, uint verdict)
        {
            Add(JumpEqual, 1, 0, value);
            Return(verdict);
        }

        internal void UnlessOneOf(uint[] values, uint verdict)
        {
            for (var i = 0; i < values.Length; i++)
            {
                Add(JumpEqual, (byte)(values.Length - i), 0, values[i]);
            }

            Return(verdict);
        }

        /// <summary>Rules about one argument of one call; afterwards the call's number is loaded again.</summary>
        internal void IfCall(uint number, int argument, Action<Assembler> rules)
        {
            var inner = new Assembler();
            inner.Load(argument);
            rules(inner);
            inner.Load(Number);
            Add(JumpEqual, 0, (byte)(inner._length / Size), number);
            inner._bytes.AsSpan(0, inner._length).CopyTo(_bytes.AsSpan(_length));
            _length += inner._length;
        }

        internal byte[] ToBytes() => _bytes[.._length];

        private void If(ushort jump, uint value, uint verdict)
        {
            Add(jump, 0, 1, value);
            Return(verdict);
        }

        private void Add(ushort code, byte whenTrue, byte whenFalse, uint constant)
        {
            var instruction = _bytes.AsSpan(_length, Size);
            BinaryPrimitives.WriteUInt16LittleEndian(instruction, code);
            instruction[2] = whenTrue;
            instruction[3] = whenFalse;
            BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], constant);
            _length += Size;
        }
    }
}
