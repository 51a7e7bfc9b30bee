using System.Buffers.Binary;

namespace DotnetRelease.Holder.Launch;

/// <summary>aarch64: number in x8, arguments in x0 to x4; the result in x0.</summary>
internal sealed class Arm64Code : MachineCode
{
    /// <summary>b and b.COND.</summary>
    private const uint Always = 0x14000000;
    private const uint When = 0x54000000;

    private const uint Equal = 0;
    private const uint NotEqual = 1;
    private const uint NotNegative = 5;

    /// <summary>Scratch registers that no system call looks at.</summary>
    private const int Address = 9;
    private const int Scratch = 10;

    internal override ushort ElfMachine => 183;

    internal override void Invoke(Call call, params ulong[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            EmitLoad(i, arguments[i]);
        }

        EmitLoad(8, Number(call));
        Emit(Word(0xd4000001)); // svc #0
    }

    internal override void LeaveIfFailed(ulong report, LaunchStep step)
    {
        Emit(Word(0xf100001f)); // cmp x0, #0
        var skip = EmitJump(Word(When | NotNegative));
        EmitLoad(Address, report);
        EmitLoad(Scratch, (ulong)step);
        EmitStore(Scratch, 0);
        EmitStore(0, 1);
        Leave(EmitJump(Word(Always)));
        Land(skip);
    }

    internal override void LeaveUnlessMissing(ulong report)
    {
        EmitCompareNegative(Errors.NoSuchFile);
        var missing = EmitJump(Word(When | Equal));
        EmitCompareNegative(Errors.NotAFolder);
        var noFolder = EmitJump(Word(When | Equal));
        EmitLoad(Address, report);
        EmitStore(0, 1);
        EmitCompareNegative(Errors.Denied);
        Leave(EmitJump(Word(When | NotEqual)));
        Land(missing);
        Land(noFolder);
    }

    /// <summary>A distance counts in instructions, from the jump itself: 26 bits in b, 19 bits from bit 5 in b.COND.</summary>
    protected override void PatchJump(Span<byte> at, int distance)
    {
        var word = BinaryPrimitives.ReadUInt32LittleEndian(at);
        var instructions = (uint)(distance / sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(at, word | (word is Always ? instructions : instructions << 5));
    }

    private static uint Number(Call call) => call switch
    {
        Call.Duplicate => 24,
        Call.Ioctl => 29,
        Call.ChangeFolder => 49,
        Call.OpenAt => 56,
        Call.Close => 57,
        Call.Write => 64,
        Call.SetCapabilities => 91,
        Call.Exit => 94,
        Call.SetUser => 147,
        Call.SetGroup => 149,
        Call.NewSession => 157,
        Call.SetGroups => 159,
        Call.SetLimit => 164,
        Call.Control => 167,
        Call.SendMessage => 211,
        Call.Execute => 221,
        Call.CloseRange => 436,
        _ => throw new ArgumentOutOfRangeException(nameof(call)),
    };

    /// <summary>movz, then movk for each further 16 bits.</summary>
    private void EmitLoad(int register, ulong value)
    {
        const int pieces = 4;
        for (var piece = 0; piece < pieces; piece++)
        {
            var bits = (uint)(value >> (16 * piece)) & 0xffff;
            Emit(Word((piece is 0 ? 0xd2800000u : 0xf2800000u) | ((uint)piece << 21) | (bits << 5) | (uint)register));
        }
    }

    /// <summary>str wN, [x9, #4*place].</summary>
    private void EmitStore(int register, int place) => Emit(Word(0xb9000000u | ((uint)place << 10) | (Address << 5) | (uint)register));

    /// <summary>cmn x0, #value: compares with its negative.</summary>
    private void EmitCompareNegative(int value) => Emit(Word(0xb100001fu | ((uint)value << 10)));
}
