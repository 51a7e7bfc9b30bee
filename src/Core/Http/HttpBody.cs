namespace DotnetRelease.Http;

/// <summary>What is sent along with a request: bytes in memory, or a file that is read while it is sent.</summary>
public sealed record HttpBody
{
    private readonly Func<Stream> _open;

    private HttpBody(Func<Stream> open, long length, string type) => (_open, Length, Type) = (open, length, type);

    /// <summary>Bytes; exactly so many are sent.</summary>
    public long Length { get; }

    /// <summary>The media type.</summary>
    public string Type { get; }

    /// <summary>Told the bytes sent so far.</summary>
    public Action<long>? Progress { get; init; }

    /// <summary>A small document.</summary>
    public static HttpBody Of(ReadOnlyMemory<byte> bytes, string type) => new(() => new MemoryStream(bytes.ToArray(), writable: false), bytes.Length, type);

    /// <summary>A file. It must not change while it is sent; one that got shorter ends the exchange.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="length">Its size, as the caller checked it.</param>
    /// <param name="type">The media type.</param>
    public static HttpBody OfFile(string path, long length, string type) =>
        new(() => Open(path), length, type);

    internal Stream Open() => _open();

    // A file that is gone is no failure of the network.
    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be read: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }
}
