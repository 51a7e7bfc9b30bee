namespace DotnetRelease.Containers;

/// <summary>
/// Ends a command that fills the disk of the containers while there still is some left for everybody else on the machine: a full disk hurts
/// those first who did not fill it.
/// </summary>
internal sealed class DiskFloor : IDisposable
{
    /// <summary>What is kept free. A disk that has less than twice as much at the start keeps half of that.</summary>
    private const long Most = 1L << 30;

    /// <summary>A fast disk takes less than half of the floor in this time.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Func<long> _free;
    private readonly long _floor;
    private readonly CancellationTokenSource _source;
    private readonly Timer _timer;
    private long _left = long.MaxValue;

    /// <param name="free">Bytes that are left for us.</param>
    /// <param name="ct">The caller's own reason to end the command.</param>
    internal DiskFloor(Func<long> free, CancellationToken ct)
    {
        _free = free;
        _floor = Math.Min(Most, free() / 2);
        _source = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _timer = new Timer(_ => Look(), null, Pause, Pause);
    }

    /// <summary>Cancelled when the command has to end.</summary>
    internal CancellationToken Token => _source.Token;

    /// <summary>Whether it was the disk that ended the command.</summary>
    internal bool IsReached => Interlocked.Read(ref _left) < long.MaxValue;

    /// <summary>Watches the disk of a folder.</summary>
    internal static DiskFloor Under(string folder, CancellationToken ct)
    {
        var disk = new DriveInfo(folder);
        return new(() => disk.AvailableFreeSpace, ct);
    }

    /// <summary>What the command fails with.</summary>
    internal ReleaseException Failure() =>
        new(Fault.DiskAlmostFull, $"was ended when {Interlocked.Read(ref _left) >> 20} MiB were left of the disk where containers are kept.");

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }

    private void Look()
    {
        try
        {
            if (_free() is var left && left < _floor)
            {
                Interlocked.CompareExchange(ref _left, left, long.MaxValue);
                _source.Cancel();
            }
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // Nobody knows, or the command has just ended by itself.
        }
    }
}
