using System.Runtime.InteropServices;

namespace DotnetRelease;

/// <summary>Keeps the memory of this process, and of every child from now on, out of core files.</summary>
internal static partial class CoreDumps
{
    private const int Core = 4;

    internal static void Forbid()
    {
        var none = default(Limit);

        // Lowering a limit is always allowed; where there are no core files there is nothing to forbid.
        _ = setrlimit(Core, in none);
    }

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        internal ulong Soft;
        internal ulong Hard;
    }
}
