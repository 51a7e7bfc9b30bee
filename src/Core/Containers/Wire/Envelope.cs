using System.Runtime.InteropServices;

namespace DotnetRelease.Containers.Wire;

/// <summary><c>struct msghdr</c> of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Envelope
{
    public byte* Name;
    public ulong NameLength;
    public Vector* Vectors;
    public nuint VectorCount;
    public byte* Control;
    public nuint ControlLength;
    public long Flags;
}

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Vector
{
    public byte* Base;
    public nuint Length;
}
