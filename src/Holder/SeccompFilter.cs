using System.Runtime.InteropServices;
using Test = DotnetRelease.Holder.BpfProgram.Test;

namespace DotnetRelease.Holder;

/// <summary>
/// <see cref="SystemCallTable"/> as a program for the kernel. A call is found by halving the table, in about seven steps; and because
/// the verdict on most calls depends on nothing but their number, Linux from 5.11 on remembers it and does not run the program for them.
/// </summary>
internal static class SeccompFilter
{
    private const uint Allow = 0x7fff0000;
    private const uint Refuse = 0x00050000;
    private const uint NotPermitted = Refuse | 1;
    private const uint NotImplemented = Refuse | 38;
    private const uint NoSuchProtocol = Refuse | 93;
    private const uint NoSuchFamily = Refuse | 97;

    /// <summary>CLONE_NEW*; that of time, 0x80, is valid for unshare and clone3 only.</summary>
    private const uint NewNamespaces = 0x7e020000;

    /// <summary>Above every number of the table. The numbers of x32, from 0x40000000 on, are there too and lead round no rule.</summary>
    private const int Numbers = 512;

    private const uint Netlink = 16;

    /// <summary>TIOCSTI types into the terminal (CVE-2017-5226), TIOCLINUX pastes into a virtual console (CVE-2023-28100).</summary>
    private static readonly uint[] TerminalInput = [0x5412, 0x541c];

    /// <summary>Unix, IPv4, IPv6. Of others some, such as the hypervisor's vsock, know no network namespace, and some, such as AF_ALG, open much of the kernel.</summary>
    private static readonly uint[] SocketFamilies = [1, 2, 10];

    /// <summary>Routes and device events. shadow-utils takes the answer about the audit protocol for a kernel without audit and goes on.</summary>
    private static readonly uint[] NetlinkProtocols = [0, 15];

    /// <summary>Linux, 32-bit names, and both with UNAME26; the last one only asks.</summary>
    private static readonly uint[] Personalities = [0, 8, 0x20000, 0x20008, 0xffffffff];

    private enum Answer : byte
    {
        // Also for clone3 and io_uring: flags in memory, and calls in a ring, are out of a filter's sight (CVE-2021-41133).
        NotImplemented,
        Allowed,
        Refused,
        Clone,
        Personality,
        Ioctl,
        Socket,
    }

    /// <summary>The program for this machine, made once.</summary>
    internal static byte[] ForThisMachine { get; } = For(RuntimeInformation.ProcessArchitecture);

    internal static byte[] For(Architecture machine)
    {
        const uint auditX64 = 0xc000003e;
        const uint auditArm64 = 0xc00000b7;
        var arm = machine is Architecture.Arm64;
        var program = new BpfProgram();
        program.Load(BpfProgram.Machine);

        // 32-bit calls have numbers of their own; there is no second table for them.
        program.ReturnUnless(Test.Equal, arm ? auditArm64 : auditX64, NotImplemented);
        program.Load(BpfProgram.CallNumber);
        var answers = AnswersFor(arm);
        Search(program, answers, StartsOf(answers));
        return program.ToBytes();
    }

    private static Answer[] AnswersFor(bool arm)
    {
        var answers = new Answer[Numbers];
        foreach (var call in SystemCallTable.Read(SystemCallTable.Allowed))
        {
            Set(call, Answer.Allowed);
        }

        foreach (var call in SystemCallTable.Read(SystemCallTable.Refused))
        {
            Set(call, Answer.Refused);
        }

        foreach (var call in SystemCallTable.Read(SystemCallTable.Examined))
        {
            Set(call, RuleOf(call.Name));
        }

        return answers;

        void Set(SystemCall call, Answer answer)
        {
            var number = arm ? call.Arm64 : call.X64;
            if (number is not SystemCall.None)
            {
                answers[number] = answer;
            }
        }
    }

    private static Answer RuleOf(string call) => call switch
    {
        "clone" => Answer.Clone,
        "personality" => Answer.Personality,
        "ioctl" => Answer.Ioctl,
        "socket" => Answer.Socket,
        _ => throw new InvalidOperationException($"There is no rule for '{call}'."),
    };

    /// <summary>Where neighbours with the same answer begin; the last of these ranges goes on for ever.</summary>
    private static List<int> StartsOf(Answer[] answers)
    {
        var starts = new List<int> { 0 };
        for (var number = 1; number < Numbers; number++)
        {
            if (answers[number] != answers[number - 1])
            {
                starts.Add(number);
            }
        }

        return starts;
    }

    private static void Search(BpfProgram program, Answer[] answers, List<int> starts)
    {
        if (starts.Count is 1)
        {
            Add(program, answers[starts[0]]);
            return;
        }

        var middle = starts.Count / 2;
        program.Unless(Test.AtLeast, (uint)starts[middle], () => Search(program, answers, starts.GetRange(0, middle)));
        Search(program, answers, starts.GetRange(middle, starts.Count - middle));
    }

    private static void Add(BpfProgram program, Answer answer)
    {
        switch (answer)
        {
            case Answer.Allowed:
                program.Return(Allow);
                break;
            case Answer.Refused:
                program.Return(NotPermitted);
                break;
            case Answer.Clone:
                program.Load(BpfProgram.Argument(0));
                program.ReturnIf(Test.AnyBit, NewNamespaces, NotPermitted);
                program.Return(Allow);
                break;
            case Answer.Personality:
                program.Load(BpfProgram.Argument(0));
                AddOneOf(program, Personalities, Allow);
                program.Return(NotPermitted);
                break;
            case Answer.Ioctl:
                program.Load(BpfProgram.Argument(1));
                AddOneOf(program, TerminalInput, NotPermitted);
                program.Return(Allow);
                break;
            case Answer.Socket:
                AddSocket(program);
                break;
            default:
                program.Return(NotImplemented);
                break;
        }
    }

    private static void AddSocket(BpfProgram program)
    {
        program.Load(BpfProgram.Argument(0));
        AddOneOf(program, SocketFamilies, Allow);
        program.ReturnUnless(Test.Equal, Netlink, NoSuchFamily);
        program.Load(BpfProgram.Argument(2));
        AddOneOf(program, NetlinkProtocols, Allow);
        program.Return(NoSuchProtocol);
    }

    private static void AddOneOf(BpfProgram program, uint[] values, uint verdict)
    {
        foreach (var value in values)
        {
            program.ReturnIf(Test.Equal, value, verdict);
        }
    }
}
