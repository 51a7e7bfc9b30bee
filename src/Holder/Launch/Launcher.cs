using System.Collections.Immutable;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder.Launch;

/// <summary>
/// The last steps from a sandbox to its command: whom it runs as, its terminal, its folder, and the search for the program. They have to
/// happen inside, after bubblewrap has shut the door, and an image has no program that we could rely on. So each command gets a program
/// that is nothing but these system calls in a row, and that says on a socket how far it came. Plain loops and arrays, because lists of
/// numbers would be compiled anew for each container.
/// </summary>
internal sealed class Launcher
{
    /// <summary>What the first message of a launcher is.</summary>
    internal const byte Arrived = (byte)'a';

    /// <summary>To narrow the bound of capabilities; the command gets it only when it is one of its own.</summary>
    internal const string NeedsItself = "CAP_SETPCAP";

    private const int ReportSize = 8;
    private const int ExitCode = 126;
    private const ulong CloseOnExec = 4;

    private const ulong CurrentFolder = unchecked((ulong)-100);
    private const ulong ReadWriteNoTerminal = 2 | 0x100;

    private const ulong UnlockTerminal = 0x40045431;
    private const ulong TakeTerminal = 0x540e;
    private const ulong SetWindowSize = 0x5414;

    private readonly ElfFile _file = new();
    private readonly MachineCode _code;
    private readonly SandboxRequest _request;
    private readonly Account _account;
    private readonly ulong _report;
    private readonly ulong _failure;

    /// <param name="request">The command.</param>
    /// <param name="account">Whom it runs as.</param>
    /// <param name="report">Number of the socket in the sandbox.</param>
    /// <param name="code">For the processor that runs it.</param>
    internal Launcher(SandboxRequest request, Account account, int report, MachineCode code)
    {
        (_request, _account, _code) = (request, account, code);
        _report = (ulong)report;

        // "Not found" is what remains to be said when no folder of the search path had the program.
        _failure = _file.AddInts((int)LaunchStep.Start, -Errors.NoSuchFile);
    }

    /// <summary>The program file.</summary>
    internal byte[] Build()
    {
        _code.Invoke(Call.CloseRange, 3, uint.MaxValue, CloseOnExec);
        _code.Invoke(Call.NewSession);
        GiveUpCapabilities();
        BecomeAccount();
        if (_request.Terminal is { } size)
        {
            MakeTerminal(size);
        }
        else
        {
            _code.Invoke(Call.Write, _report, _file.AddBytes([Arrived]), 1);
        }

        Try(LaunchStep.EnterFolder, Call.ChangeFolder, _file.AddText(_request.WorkingDirectory.Length > 0 ? _request.WorkingDirectory : "/"));
        Execute();
        _code.Here();
        _code.Invoke(Call.Write, _report, _failure, ReportSize);
        _code.Invoke(Call.Exit, ExitCode);
        return _file.Finish(_code);
    }

    /// <summary>
    /// Bubblewrap needed more, and what is left in the bound could come back with a program file. So the bound becomes what the command has,
    /// and nothing is inheritable, as podman does it.
    /// </summary>
    private void GiveUpCapabilities()
    {
        const ulong dropFromBound = 24;
        const int version = 0x20080522;
        var mask = CapabilityMask.Of(_request.Capabilities);
        foreach (var number in CapabilityMask.Missing(mask))
        {
            Try(LaunchStep.GiveUpCapabilities, Call.Control, dropFromBound, (ulong)number, 0, 0, 0);
        }

        // Effective, permitted and inheritable: their lower halves, then the upper ones.
        var (low, high) = ((int)(uint)mask, (int)(mask >> 32));
        Try(LaunchStep.GiveUpCapabilities, Call.SetCapabilities, _file.AddInts(version, 0), _file.AddInts(low, low, 0, high, high, 0));
    }

    /// <summary>The container's root stays as it is. Every other account loses root's rights with root's number.</summary>
    private void BecomeAccount()
    {
        if (_account.IsPlainRoot)
        {
            return;
        }

        var groups = new int[_account.Groups.Length];
        for (var i = 0; i < groups.Length; i++)
        {
            groups[i] = (int)_account.Groups[i];
        }

        Try(LaunchStep.BecomeUser, Call.SetGroups, (ulong)groups.Length, _file.AddInts(groups));
        Try(LaunchStep.BecomeUser, Call.SetGroup, _account.Group, _account.Group, _account.Group);
        Try(LaunchStep.BecomeUser, Call.SetUser, _account.User, _account.User, _account.User);
        if (_request.Limits.Processes > 0 && _account.User is not 0)
        {
            // The limit so far has room for our own threads, which are root's; of this user there is nobody yet.
            const ulong processes = 6;
            Try(LaunchStep.BecomeUser, Call.SetLimit, processes, _file.AddLongs((ulong)_request.Limits.Processes, (ulong)_request.Limits.Processes));
        }
    }

    /// <summary>
    /// A terminal of the sandbox's own: nobody has opened one there before, so it is number 0. The controlling end leaves with the first
    /// message; the other becomes the three standard streams. A closed number is the one that the next open gets.
    /// </summary>
    private void MakeTerminal(WindowSize size)
    {
        const LaunchStep step = LaunchStep.OpenTerminal;
        Try(step, Call.Close, 0);
        Try(step, Call.OpenAt, CurrentFolder, _file.AddText("/dev/ptmx"), ReadWriteNoTerminal, 0);
        Try(step, Call.Ioctl, 0, UnlockTerminal, _file.AddInts(0));
        Try(step, Call.Ioctl, 0, SetWindowSize, _file.AddBytes(size.ToBytes()));
        Try(step, Call.SendMessage, _report, ArrivedWithDescriptor(0), 0);
        Try(step, Call.Close, 1);
        Try(step, Call.OpenAt, CurrentFolder, _file.AddText("/dev/pts/0"), ReadWriteNoTerminal, 0);
        Try(step, Call.Duplicate, 1, 0, 0);
        Try(step, Call.Duplicate, 1, 2, 0);
        Try(step, Call.Ioctl, 0, TakeTerminal, 0);
    }

    /// <summary>A <c>struct msghdr</c> that carries one descriptor beside one byte.</summary>
    private ulong ArrivedWithDescriptor(int descriptor)
    {
        const int socketLevel = 1;
        const int rights = 1;
        const int length = 16 + sizeof(int);
        var control = _file.AddInts(length, 0, socketLevel, rights, descriptor);
        var vector = _file.AddLongs(_file.AddBytes([Arrived]), 1);
        return _file.AddLongs(0, 0, vector, 1, control, length, 0);
    }

    private void Execute()
    {
        var arguments = _file.AddTexts(_request.Command);
        var environment = EnvironmentWithHome();
        var variables = _file.AddTexts(environment);
        foreach (var path in Candidates(_request.Command[0], SearchPath(environment)))
        {
            _code.Invoke(Call.Execute, _file.AddText(path), arguments, variables);
            _code.LeaveUnlessMissing(_failure);
        }
    }

    private void Try(LaunchStep step, Call call, params ulong[] arguments)
    {
        _code.Invoke(call, arguments);
        _code.LeaveIfFailed(_failure, step);
    }

    /// <summary>Where a program is looked for: as it is written when there is a slash in it.</summary>
    private static string[] Candidates(string program, string searchPath)
    {
        if (program.Length is 0 || program.Contains('/', StringComparison.Ordinal))
        {
            return program.Length is 0 ? [] : [program];
        }

        var folders = searchPath.Split(':');
        for (var i = 0; i < folders.Length; i++)
        {
            folders[i] = folders[i].Length > 0 ? $"{folders[i]}/{program}" : program;
        }

        return folders;
    }

    /// <summary>Where programs are looked for; empty when the variable is not set.</summary>
    internal static string SearchPath(ImmutableArray<string> environment) => Find(environment, "PATH=") ?? "";

    /// <summary>Whoever sets no HOME means the account's.</summary>
    private ImmutableArray<string> EnvironmentWithHome() =>
        Find(_request.Environment, "HOME=") is null ? _request.Environment.Add($"HOME={_account.Home}") : _request.Environment;

    private static string? Find(ImmutableArray<string> environment, string start)
    {
        foreach (var variable in environment)
        {
            if (variable.StartsWith(start, StringComparison.Ordinal))
            {
                return variable[start.Length..];
            }
        }

        return null;
    }
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

    /// <summary>Keep no more rights than the command may have.</summary>
    GiveUpCapabilities,
}
