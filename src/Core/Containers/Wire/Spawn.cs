using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace DotnetRelease.Containers.Wire;

/// <summary>
/// Starts a program with exactly the environment and descriptors that are listed. <c>posix_spawn</c> runs no managed code in the
/// child, can place descriptors above 2, and inherits the namespaces of the calling thread; <c>Process</c> does none of that.
/// </summary>
/// <param name="Program">An absolute path.</param>
/// <param name="Arguments">Without the program itself.</param>
/// <param name="Environment"><c>NAME=value</c> each.</param>
/// <param name="Descriptors">What it inherits, in rising order of the child's numbers.</param>
internal sealed unsafe partial record Spawn(
    string Program, ImmutableArray<string> Arguments, ImmutableArray<string> Environment, Inherited[] Descriptors)
{
    /// <summary>Whether it leads a session of its own, out of reach of what a terminal sends to everybody at once: Ctrl-C, a hang-up.</summary>
    internal bool OwnSession { get; init; }

    /// <summary>More than the opaque structures of glibc and musl need.</summary>
    private const int OpaqueSize = 1024;

    /// <summary>Starts it and returns the process id.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program could not be started.</exception>
    internal int Start()
    {
        var actions = stackalloc byte[OpaqueSize];
        var attributes = stackalloc byte[OpaqueSize];
        Check(posix_spawn_file_actions_init(actions));
        Check(posix_spawnattr_init(attributes));
        var arguments = Vector(Arguments.Insert(0, Program));
        var environment = Vector(Environment);
        try
        {
            SetAttributes(attributes);
            foreach (var inherited in Descriptors)
            {
                // With equal numbers this only clears close-on-exec.
                Check(posix_spawn_file_actions_adddup2(actions, inherited.Ours, inherited.Theirs));
            }

            int pid;
            Check(posix_spawn(&pid, Program, actions, attributes, arguments, environment));
            return pid;
        }
        finally
        {
            Free(arguments);
            Free(environment);
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>.NET ignores SIGPIPE, and an ignored signal stays ignored in the child.</summary>
    private void SetAttributes(byte* attributes)
    {
        const short newSession = 0x80;
        const short setMask = 0x08;
        const short setDefault = 0x04;
        const int sigsetSize = 128;
        var all = stackalloc byte[sigsetSize];
        var none = stackalloc byte[sigsetSize];
        _ = sigfillset(all);
        _ = sigemptyset(none);
        Check(posix_spawnattr_setsigdefault(attributes, all));
        Check(posix_spawnattr_setsigmask(attributes, none));
        Check(posix_spawnattr_setflags(attributes, (short)(setMask | setDefault | (OwnSession ? newSession : 0))));
    }

    private static byte** Vector(ImmutableArray<string> words)
    {
        var vector = (byte**)NativeMemory.AllocZeroed((nuint)words.Length + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < words.Length; i++)
        {
            vector[i] = (byte*)Marshal.StringToCoTaskMemUTF8(words[i]);
        }

        return vector;
    }

    private static void Free(byte** vector)
    {
        for (var word = vector; *word is not null; word++)
        {
            Marshal.FreeCoTaskMem((nint)(*word));
        }

        NativeMemory.Free(vector);
    }

    /// <summary>These calls return the error number instead of setting errno.</summary>
    private static void Check(int error)
    {
        if (error is not 0)
        {
            Marshal.SetLastPInvokeError(error);
            throw Native.Failure("posix_spawn");
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(int* pid, string program, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int ours, int theirs);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int sigfillset(byte* signals);

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* signals);
}

/// <summary>A descriptor of ours and the number it gets in a child.</summary>
/// <param name="Ours">Our number.</param>
/// <param name="Theirs">The child's number.</param>
internal sealed record Inherited(int Ours, int Theirs)
{
    /// <summary>One that keeps its number.</summary>
    internal static Inherited Same(int number) => new(number, number);
}
