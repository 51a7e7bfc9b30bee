using System.Globalization;

namespace DotnetRelease.Http;

/// <summary>The part of a file that a <c>Range</c> header asks for; RFC 9110 section 14.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Length">How many.</param>
internal sealed record ByteRange(long Start, long Length)
{
    private static readonly ByteRange None = new(0, 0);

    /// <summary><c>bytes START-END/SIZE</c>, for <c>Content-Range</c>.</summary>
    internal string Of(long size) => string.Create(CultureInfo.InvariantCulture, $"bytes {Start}-{Start + Length - 1}/{size}");

    /// <summary>
    /// Reads a header. Null when it has to be ignored, as everything that is not one range of bytes may be; a length of zero when
    /// there is no such byte.
    /// </summary>
    internal static ByteRange? Parse(string? header, long size)
    {
        const string unit = "bytes=";
        if (header?.StartsWith(unit, StringComparison.OrdinalIgnoreCase) is not true || header[unit.Length..].Trim().Split('-') is not [var from, var to])
        {
            return null;
        }

        return (Number(from), Number(to)) switch
        {
            ( >= 0 and var first, >= 0 and var last) when first > last => null,
            ( >= 0 and var first, >= 0 and var last) => Between(first, last, size),
            ( >= 0 and var first, _) when to.Length is 0 => Between(first, long.MaxValue, size),
            (_, >= 0 and var count) when from.Length is 0 => count is 0 ? None : Between(Math.Max(0, size - count), long.MaxValue, size),
            _ => null,
        };
    }

    /// <summary>Whether a <c>Content-Range</c> is all that is missing, and says so (RFC 9110, 14.4 and 15.3.7).</summary>
    /// <param name="header">Of a 206.</param>
    /// <param name="start">Bytes that are here.</param>
    /// <param name="size">Of the whole; null when only the server knows it.</param>
    internal static bool IsRest(string? header, long start, long? size)
    {
        const string unit = "bytes ";
        if (header?.StartsWith(unit, StringComparison.OrdinalIgnoreCase) is not true || header[unit.Length..].Split('-', '/') is not [var from, var to, var total])
        {
            return false;
        }

        var end = Number(to) + 1;
        return Number(from) == start && end > start && end == (size ?? (total is "*" ? end : Number(total))) && (total is "*" || Number(total) == end);
    }

    private static ByteRange Between(long first, long last, long size) =>
        first < size ? new ByteRange(first, Math.Min(last, size - 1) - first + 1) : None;

    /// <summary>-1 for everything but digits that fit.</summary>
    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
