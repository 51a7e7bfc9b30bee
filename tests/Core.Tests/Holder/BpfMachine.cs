using System.Buffers.Binary;

namespace DotnetRelease.Core.Tests.Holder;

/// <summary>Classic BPF, as far as our filter uses it: load a word, jump on equal, at least, or any bit, return.</summary>
/// <param name="program">Instructions of eight bytes.</param>
internal sealed class BpfMachine(byte[] program)
{
    public int Length { get; } = program.Length / 8;

    /// <summary>How many instructions the last run took.</summary>
    public int Steps { get; private set; }

    /// <summary>The verdict on one call.</summary>
    public uint Run(uint arch, uint number, params ulong[] arguments)
    {
        var data = new byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(4), arch);
        for (var i = 0; i < arguments.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(16 + (8 * i)), arguments[i]);
        }

        uint loaded = 0;
        Steps = 0;
        for (var at = 0; ; at++)
        {
            Steps++;
            var (code, constant) = (Code(at), Constant(at));
            switch (code)
            {
                case 0x06:
                    return constant;
                case 0x20:
                    loaded = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan((int)constant));
                    break;
                default:
                    at += program[(at * 8) + (Holds(code, loaded, constant) ? 2 : 3)];
                    break;
            }
        }
    }

    /// <summary>Where an instruction may go on.</summary>
    public int[] After(int at) => Code(at) switch
    {
        0x06 => [],
        0x20 => [at + 1],
        _ => [at + 1 + program[(at * 8) + 2], at + 1 + program[(at * 8) + 3]],
    };

    private static bool Holds(int code, uint loaded, uint constant) => code switch
    {
        0x15 => loaded == constant,
        0x35 => loaded >= constant,
        0x45 => (loaded & constant) is not 0,
        _ => throw new InvalidOperationException($"Code {code:x} is unknown."),
    };

    private int Code(int at) => BinaryPrimitives.ReadUInt16LittleEndian(program.AsSpan(at * 8));

    private uint Constant(int at) => BinaryPrimitives.ReadUInt32LittleEndian(program.AsSpan((at * 8) + 4));
}
