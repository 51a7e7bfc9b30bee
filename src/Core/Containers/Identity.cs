using System.Runtime.InteropServices;

namespace DotnetRelease.Containers;

/// <summary>Who we are for the kernel.</summary>
internal static partial class Identity
{
    internal static uint User => geteuid();

    internal static uint Group => getegid();

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial uint getegid();
}
