using System.Buffers.Binary;

namespace DotnetRelease.Holder.Launch;

/// <summary>x86-64: number in rax, arguments in rdi, rsi, rdx, r10, r8; the result in rax.</summary>
internal sealed class X64Code : MachineCode
{
    private const int JumpSize = 4;

    /// <summary>The first two bytes of <c>mov REGISTER, imm64</c>.</summary>
    private static readonly byte[][] Load = [[0x48, 0xbf], [0x48, 0xbe], [0x48, 0xba], [0x49, 0xba], [0x49, 0xb8]];

    private static readonly byte[] LoadRcx = [0x48, 0xb9];

    internal override ushort ElfMachine => 62;

    internal override void Invoke(Call call, params ulong[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            EmitLoad(Load[i], arguments[i]);
        }

        Emit(0xb8); // mov eax, imm32
        Emit(Word(Number(call)));
        Emit(0x0f, 0x05); // syscall
    }

    internal override void LeaveIfFailed(ulong report, LaunchStep step)
    {
        Emit(0x48, 0x85, 0xc0); // test rax, rax
        var skip = Jump(0x0f, 0x89); // jns
        EmitLoad(LoadRcx, report);
        Emit(0xc7, 0x01); // mov dword [rcx], imm32
        Emit(Word((uint)step));
        Emit(0x89, 0x41, 0x04); // mov [rcx+4], eax
        Leave(Jump(0xe9)); // jmp
        Land(skip);
    }

    internal override void LeaveUnlessMissing(ulong report)
    {
        Emit(0x48, 0x83, 0xf8, unchecked((byte)-Errors.NoSuchFile)); // cmp rax, imm8
        var missing = Jump(0x0f, 0x84); // je
        Emit(0x48, 0x83, 0xf8, unchecked((byte)-Errors.NotAFolder));
        var noFolder = Jump(0x0f, 0x84);
        EmitLoad(LoadRcx, report);
        Emit(0x89, 0x41, 0x04); // mov [rcx+4], eax
        Emit(0x48, 0x83, 0xf8, unchecked((byte)-Errors.Denied));
        Leave(Jump(0x0f, 0x85)); // jne
        Land(missing);
        Land(noFolder);
    }

    /// <summary>A distance counts from the end of its four bytes.</summary>
    protected override void PatchJump(Span<byte> at, int distance) => BinaryPrimitives.WriteInt32LittleEndian(at, distance - JumpSize);

    private static uint Number(Call call) => call switch
    {
        Call.Write => 1,
        Call.Close => 3,
        Call.Ioctl => 16,
        Call.SendMessage => 46,
        Call.Execute => 59,
        Call.ChangeFolder => 80,
        Call.NewSession => 112,
        Call.SetGroups => 116,
        Call.SetUser => 117,
        Call.SetGroup => 119,
        Call.SetCapabilities => 126,
        Call.Control => 157,
        Call.SetLimit => 160,
        Call.Exit => 231,
        Call.OpenAt => 257,
        Call.Duplicate => 292,
        Call.CloseRange => 436,
        _ => throw new ArgumentOutOfRangeException(nameof(call)),
    };

    private void EmitLoad(byte[] register, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Emit(register);
        Emit(bytes);
    }

    private int Jump(params ReadOnlySpan<byte> instruction) => EmitJump([.. instruction, 0, 0, 0, 0]);
}
