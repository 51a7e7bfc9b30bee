using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Processes;

/// <summary>A descriptor that the caller of this program opened for it, such as <c>3&lt;secret</c> of a shell.</summary>
internal static partial class InheritedDescriptor
{
    private const int GetFlags = 1;
    private const int CloseOnExec = 1;
    private const int MaxSize = 1024 * 1024;

    /// <summary>Reads it to its end and closes it, so that no program we start has it.</summary>
    /// <param name="number">0, or 3 and above.</param>
    /// <param name="what">What is read, for the message.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyUnusable"/>: nobody handed such a descriptor over.</exception>
    internal static byte[] Read(int number, string what)
    {
        // Our own descriptors, of which the runtime has many, are all closed on exec; one that was handed over cannot be.
        var flags = number is 0 or > 2 ? fcntl(number, GetFlags) : -1;
        if (flags < 0 || (flags & CloseOnExec) is not 0)
        {
            throw new ReleaseException(Fault.KeyUnusable, $"There is no descriptor {number} to read the {what} from.") { Remedy = $"Open it in the shell: {(number is 0 or > 2 ? number : 3)}<FILE behind the command." };
        }

        try
        {
            using var stream = new FileStream(new SafeFileHandle(number, ownsHandle: true), FileAccess.Read, bufferSize: 0);
            return ReadToEnd(stream, number, what);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ReleaseException(Fault.KeyUnusable, $"The {what} could not be read from descriptor {number}: {ex.Message}", inner: ex);
        }
    }

    private static byte[] ReadToEnd(FileStream stream, int number, string what)
    {
        var buffer = new byte[MaxSize];
        try
        {
            var count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return count < buffer.Length
                ? buffer[..count]
                : throw new ReleaseException(Fault.KeyUnusable, $"Descriptor {number} gives more than {MaxSize} bytes, which is no {what}.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command);
}
