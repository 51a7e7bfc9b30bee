using System.Globalization;
using System.Net;

namespace DotnetRelease.Http;

/// <summary>What a client may remember of a file, to ask later whether it is still the same; RFC 9110 sections 8.8 and 13.</summary>
/// <param name="ETag">Changes with size and time of the file.</param>
/// <param name="Modified">Its time, in whole seconds as HTTP knows them.</param>
internal sealed record FileVersion(string ETag, DateTimeOffset Modified)
{
    internal string LastModified => Modified.ToString("R", CultureInfo.InvariantCulture);

    internal static FileVersion Of(string path, long size)
    {
        var time = File.GetLastWriteTimeUtc(path);
        return new FileVersion(
            string.Create(CultureInfo.InvariantCulture, $"\"{size:x}-{time.Ticks:x}\""),
            new DateTimeOffset(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero));
    }

    /// <summary>Whether the client has exactly this. A time counts only without a tag: two changes within a second have one time.</summary>
    internal bool IsKnownTo(HttpListenerRequest request) => request.Headers["If-None-Match"] is { } tags
        ? tags.Split(',', StringSplitOptions.TrimEntries).Any(tag => tag is "*" || string.Equals(tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag, ETag, StringComparison.Ordinal))
        : Time(request.Headers["If-Modified-Since"]) is { } since && Modified <= since;

    /// <summary>Whether a range continues what the client has the beginning of.</summary>
    internal bool MayContinue(HttpListenerRequest request) => request.Headers["If-Range"] is not { } condition
        || string.Equals(condition, ETag, StringComparison.Ordinal)
        || Time(condition) == Modified;

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParseExact(text, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
