using System.Globalization;
using System.Text;

namespace DotnetRelease.Storage;

/// <summary>
/// An exclusive lock that the kernel drops when its owner dies, however it dies. The file says who holds it, so that a refusal can
/// name the owner; the file itself stays.
/// </summary>
public sealed class FileLock : IDisposable
{
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Takes the lock or says who has it.</summary>
    /// <param name="path">Lock file; its folder is created when missing.</param>
    /// <param name="purpose">What the lock protects, for the message: <c>publishing to qa</c>.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.LockHeld"/>.</exception>
    public static FileLock Take(string path, string purpose) =>
        TryTake(path) ?? throw new ReleaseException(Fault.LockHeld, $"{purpose}: the lock '{path}' is held by {Owner(path)}.");

    /// <summary>Waits for the lock, for short critical sections such as filling a cache entry.</summary>
    public static async Task<FileLock> WaitAsync(string path, CancellationToken ct)
    {
        const int pollMilliseconds = 50;
        FileLock? taken;
        while ((taken = TryTake(path)) is null)
        {
            await Task.Delay(pollMilliseconds, ct);
        }

        return taken;
    }

    /// <summary>Waits for the lock, but not longer than others can reasonably need it.</summary>
    /// <inheritdoc cref="Take"/>
    public static async Task<FileLock> WaitAsync(string path, string purpose, TimeSpan patience, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        try
        {
            return await WaitAsync(path, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Take(path, purpose);
        }
    }

    /// <summary>
    /// Waits for a share of the lock, which several may have at once: as long as somebody has one, nobody takes the lock for himself.
    /// </summary>
    public static async Task<FileLock> ShareAsync(string path, CancellationToken ct)
    {
        const int pollMilliseconds = 50;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        while (true)
        {
            try
            {
                return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
            }
            catch (IOException ex) when (ex.HResult is Libc.WouldBlock)
            {
                await Task.Delay(pollMilliseconds, ct);
            }
        }
    }

    /// <summary>Takes the lock, or returns null when another process has it.</summary>
    /// <exception cref="IOException">The file cannot be made at all, for example on a disk that is read-only.</exception>
    public static FileLock? TryTake(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        FileStream file;
        try
        {
            // On Unix FileShare.Read means: others may open for reading, and a writer takes a real flock that other processes see.
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException ex) when (ex.HResult is Libc.WouldBlock)
        {
            return null;
        }

        var owner = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"pid {Environment.ProcessId} on {Environment.MachineName} since {DateTimeOffset.UtcNow:u}"));
        file.SetLength(0);
        file.Write(owner);
        file.Flush();
        return new FileLock(file);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static string Owner(string path)
    {
        // Whoever opens the file in .NET asks for a lock on it, which is what we could not get.
        var bytes = Libc.TryReadStart(path, 256);
        return bytes.Length > 0 ? Encoding.UTF8.GetString(bytes) : "another process";
    }
}
