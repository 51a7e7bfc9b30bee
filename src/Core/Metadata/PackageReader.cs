using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DotnetRelease.Rpm;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Metadata;

/// <summary>
/// Describes RPM files in one pass each: the headers are looked at, every byte is hashed, and nothing of a payload stays in memory.
/// No digest or signature inside the package is compared; that is <see cref="RpmVerifier"/>'s part.
/// </summary>
internal static class PackageReader
{
    /// <summary>Headers of most packages fit, and small packages as a whole.</summary>
    private const int FirstRead = 64 * 1024;
    private const int NextRead = 1024 * 1024;

    /// <summary>Describes many files side by side; the order is that of the paths.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="locate">Where one is to lie in the repository.</param>
    /// <param name="ct">Ends the work.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/> or <see cref="Fault.FileUnreadable"/>.</exception>
    internal static ImmutableArray<IndexedPackage> ReadAll(string[] paths, Func<string, string> locate, CancellationToken ct)
    {
        var packages = new IndexedPackage[paths.Length];
        SideBySide.Run(paths.Length, at => packages[at] = Read(paths[at], locate(paths[at])), ct);
        return ImmutableCollectionsMarshal.AsImmutableArray(packages);
    }

    /// <summary>Describes one file.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/> or <see cref="Fault.FileUnreadable"/>.</exception>
    internal static IndexedPackage Read(string path, string location)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstRead);
        try
        {
            // A lock of no use to a reader costs two system calls a file.
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(file);
            var have = Fill(file, buffer.AsSpan(0, (int)Math.Min(length, FirstRead)), 0);
            for (long needed; (needed = RpmStart.Measure(buffer.AsMemory(0, have), path)) > have;)
            {
                if (needed > length)
                {
                    throw Malformed.Rpm(path, $"it ends after {length} bytes, inside its headers");
                }

                var larger = ArrayPool<byte>.Shared.Rent((int)needed);
                buffer.AsSpan(0, have).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
                have += Fill(file, buffer.AsSpan(have, (int)needed - have), have);
            }

            var package = RpmStart.Parse(buffer.AsMemory(0, have), length, path);
            return IndexedPackage.From(package, new RepositoryFile(location, length, Hash(file, buffer.AsSpan(0, have), length)));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be read: {ex.Message}", inner: ex);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Digest Hash(SafeFileHandle file, ReadOnlySpan<byte> start, long length)
    {
        if (start.Length == length)
        {
            return Digest.Of(start);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(start);
        var chunk = ArrayPool<byte>.Shared.Rent(NextRead);
        try
        {
            var at = (long)start.Length;
            for (int count; (count = RandomAccess.Read(file, chunk, at)) > 0; at += count)
            {
                hash.AppendData(chunk.AsSpan(0, count));
            }

            return at == length ? Digest.Of(hash) : throw new IOException($"it had {length} bytes, and now it has {at}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private static int Fill(SafeFileHandle file, Span<byte> into, long from)
    {
        var filled = 0;
        for (int count; filled < into.Length && (count = RandomAccess.Read(file, into[filled..], from + filled)) > 0;)
        {
            filled += count;
        }

        return filled == into.Length ? filled : throw new IOException("it became shorter while it was read");
    }
}
