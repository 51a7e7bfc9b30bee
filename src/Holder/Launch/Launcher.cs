using System.Collections.Immutable;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder.Launch;

/// <summary>
/// The last steps from a sandbox to its command: whom it runs as, its terminal, its folder, and the search for the program. They have to
/// happen inside, after bubblewrap has shut the door, and an image has no program that we could rely on. So each command gets a program
/// that is nothing but these system calls in a row, and that says on a socket how far it came.
/// </summary>
/// <param name="report">Number of that socket in the sandbox.</param>
internal sealed class Launcher(int report)
{
    /// <summary>What the first message of a launcher is.</summary>
    internal const byte Arrived = (byte)'a';

    private const int ReportSize = 8;
    private const int ExitCode = 126;
    private const ulong CloseOnExec = 4;

    private const ulong CurrentFolder = unchecked((ulong)-100);
    private const ulong ReadWriteNoTerminal = 2 | 0x100;

    private const ulong UnlockTerminal = 0x40045431;
    private const ulong TakeTerminal = 0x540e;
    private const ulong SetWindowSize = 0x5414;

    /// <summary>The program file for one command.</summary>
    internal byte[] Build(SandboxRequest request, Account account, MachineCode code)
    {
        var file = new ElfFile();

        // "Not found" is what remains to be said when no folder of the search path had the program.
        var failure = file.AddInts((int)LaunchStep.Start, -Errors.NoSuchFile);
        code.Invoke(Call.CloseRange, 3, uint.MaxValue, CloseOnExec);
        code.Invoke(Call.NewSession);
        BecomeAccount(file, code, (account, failure));
        if (request.Terminal is { } size)
        {
            TakeTerminalOfSandbox(file, code, (size, failure));
        }
        else
        {
            code.Invoke(Call.Write, (ulong)report, file.AddBytes([Arrived]), 1);
        }

        code.Invoke(Call.ChangeFolder, file.AddText(request.WorkingDirectory.Length > 0 ? request.WorkingDirectory : "/"));
        code.LeaveIfFailed(failure, LaunchStep.EnterFolder);
        Execute(file, code, (request, account, failure));
        code.Here();
        code.Invoke(Call.Write, (ulong)report, failure, ReportSize);
        code.Invoke(Call.Exit, ExitCode);
        return file.Finish(code);
    }

    /// <summary>The container's root stays as it is. Every other account loses root's rights with root's number.</summary>
    private static void BecomeAccount(ElfFile file, MachineCode code, (Account Account, ulong Failure) launch)
    {
        var account = launch.Account;
        if (account.IsPlainRoot)
        {
            return;
        }

        var groups = file.AddInts([.. account.Groups.Select(group => (int)group)]);
        code.Invoke(Call.SetGroups, (ulong)account.Groups.Length, groups);
        code.LeaveIfFailed(launch.Failure, LaunchStep.BecomeUser);
        code.Invoke(Call.SetGroup, account.Group, account.Group, account.Group);
        code.LeaveIfFailed(launch.Failure, LaunchStep.BecomeUser);
        code.Invoke(Call.SetUser, account.User, account.User, account.User);
        code.LeaveIfFailed(launch.Failure, LaunchStep.BecomeUser);
    }

    /// <summary>
    /// A terminal of the sandbox's own: nobody has opened one there before, so it is number 0. The controlling end leaves with the first
    /// message; the other becomes the three standard streams. A closed number is the one that the next open gets.
    /// </summary>
    private void TakeTerminalOfSandbox(ElfFile file, MachineCode code, (WindowSize Size, ulong Failure) launch)
    {
        void Try(Call call, params ReadOnlySpan<ulong> arguments)
        {
            code.Invoke(call, arguments);
            code.LeaveIfFailed(launch.Failure, LaunchStep.OpenTerminal);
        }

        Try(Call.Close, 0);
        Try(Call.OpenAt, CurrentFolder, file.AddText("/dev/ptmx"), ReadWriteNoTerminal, 0);
        Try(Call.Ioctl, 0, UnlockTerminal, file.AddInts(0));
        Try(Call.Ioctl, 0, SetWindowSize, file.AddBytes(launch.Size.ToBytes()));
        Try(Call.SendMessage, (ulong)report, ArrivedWithDescriptor(file, 0), 0);
        Try(Call.Close, 1);
        Try(Call.OpenAt, CurrentFolder, file.AddText("/dev/pts/0"), ReadWriteNoTerminal, 0);
        Try(Call.Duplicate, 1, 0, 0);
        Try(Call.Duplicate, 1, 2, 0);
        Try(Call.Ioctl, 0, TakeTerminal, 0);
    }

    /// <summary>A <c>struct msghdr</c> that carries one descriptor beside one byte.</summary>
    private static ulong ArrivedWithDescriptor(ElfFile file, int descriptor)
    {
        const int socketLevel = 1;
        const int rights = 1;
        const ulong length = 16 + sizeof(int);
        var control = file.AddInts((int)length, 0, socketLevel, rights, descriptor);
        var vector = file.AddLongs(file.AddBytes([Arrived]), 1);
        return file.AddLongs(0, 0, vector, 1, control, length, 0);
    }

    private static void Execute(ElfFile file, MachineCode code, (SandboxRequest Request, Account Account, ulong Failure) launch)
    {
        var arguments = file.AddTexts(launch.Request.Command);
        var environment = EnvironmentFor(launch.Request, launch.Account);
        var variables = file.AddTexts(environment);
        foreach (var path in Candidates(launch.Request.Command[0], SearchPath(environment)))
        {
            code.Invoke(Call.Execute, file.AddText(path), arguments, variables);
            code.LeaveUnlessMissing(launch.Failure);
        }
    }

    /// <summary>Where a program is looked for: as it is written when there is a slash in it.</summary>
    private static IEnumerable<string> Candidates(string program, string searchPath) =>
        program.Contains('/', StringComparison.Ordinal)
            ? [program]
            : program.Length is 0 ? [] : searchPath.Split(':').Select(folder => folder.Length > 0 ? $"{folder}/{program}" : program);

    internal static string SearchPath(ImmutableArray<string> environment) =>
        environment.FirstOrDefault(variable => variable.StartsWith("PATH=", StringComparison.Ordinal))?["PATH=".Length..] ?? "";

    /// <summary>Whoever sets no HOME means the account's.</summary>
    private static ImmutableArray<string> EnvironmentFor(SandboxRequest request, Account account) =>
        request.Environment.Any(variable => variable.StartsWith("HOME=", StringComparison.Ordinal)) ? request.Environment : request.Environment.Add($"HOME={account.Home}");
}

/// <summary>What a launcher was about to do when it failed.</summary>
internal enum LaunchStep
{
    /// <summary>Start the program.</summary>
    Start,

    /// <summary>Take the user's and the groups' numbers.</summary>
    BecomeUser,

    /// <summary>Make a terminal.</summary>
    OpenTerminal,

    /// <summary>Go to the working directory.</summary>
    EnterFolder,
}
