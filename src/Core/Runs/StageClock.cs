using System.Diagnostics;
using DotnetRelease.Building;

namespace DotnetRelease.Runs;

/// <summary>Takes the time at the end of each stage of one result.</summary>
internal sealed class StageClock
{
    private long _last = Stopwatch.GetTimestamp();
    private TimeSpan _fetch;
    private TimeSpan _image;
    private TimeSpan _sign;

    public void Fetched() => _fetch = Next();

    public void HasImage() => _image = Next();

    /// <summary>The builder keeps its own times; the rest of what this gives is looking at the packages.</summary>
    public TimeSpan Built() => Next();

    /// <summary>For others; that is no stage.</summary>
    public void Waited() => Next();

    public void Signed() => _sign = Next();

    public RpmTimes ToTimes(BuildTimes build) => new(_fetch, _image, build, _sign);

    private TimeSpan Next()
    {
        var now = Stopwatch.GetTimestamp();
        var elapsed = Stopwatch.GetElapsedTime(_last, now);
        _last = now;
        return elapsed;
    }
}
