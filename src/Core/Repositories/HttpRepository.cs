using System.Buffers;
using System.Globalization;
using System.Net;
using DotnetRelease.Http;
using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>A repository behind a web server, read as a client reads it.</summary>
/// <param name="door">The way to the network; it belongs to the caller.</param>
/// <param name="url">What a client puts before a location.</param>
internal sealed class HttpRepository(HttpDoor door, Uri url) : IRepositoryReader
{
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    private const long PackageLimit = 64L * 1024 * 1024 * 1024;
    private readonly Uri _root = new(url.AbsoluteUri.TrimEnd('/') + "/");

    /// <inheritdoc/>
    public string Name => UrlRules.Show(_root);

    /// <inheritdoc/>
    public async Task<StoredFile?> FindAsync(string location, CancellationToken ct)
    {
        var ask = Ask(location) with { Method = HttpMethod.Head };
        var head = await door.ReadAsync(ask, ct);
        if (head.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return null;
        }

        head.RequireOk();
        var modified = DateTimeOffset.TryParseExact(head.Value("Last-Modified"), "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : (DateTimeOffset?)null;
        return head.Length is { } length
            ? new StoredFile(location, length, modified)
            : throw new ReleaseException(Fault.RemoteFailed, $"{ask} -> an answer that does not say how long the file is.");
    }

    /// <inheritdoc/>
    public async Task<Stream?> OpenAsync(string location, CancellationToken ct)
    {
        var ask = Ask(location);
        try
        {
            return await door.ReceiveAsync(ask, reply => ReceiveAsync(reply, ct), ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.SourceTooLarge)
        {
            throw new ReleaseException(Fault.RepositoryMalformed, $"{ex.Message.TrimEnd('.')}; a repository never has such a file.", inner: ex);
        }
    }

    /// <inheritdoc/>
    public Task<T?> ReadStartAsync<T>(string location, Func<Stream, Task<T>> read, CancellationToken ct)
        where T : class => door.ReceiveAsync(Ask(location), async reply =>
        {
            if (reply.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            {
                return null;
            }

            reply.RequireOk();
            return await read(reply.Content);
        }, ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A retry starts again, so what came is only handed out when it came wholly. The file has no name from the start: nothing is left behind.</summary>
    private static async Task<Stream?> ReceiveAsync(HttpReply reply, CancellationToken ct)
    {
        if (reply.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return null;
        }

        reply.RequireOk();
        var path = Path.Combine(Path.GetTempPath(), $"dotnet-release-{Guid.NewGuid():n}");
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 128 * 1024, FileOptions.Asynchronous);
        try
        {
            File.Delete(path);
            await reply.Content.CopyToAsync(file, ct);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every character that a server might understand differently is escaped; S3 takes a plus for a space.</summary>
    private HttpAsk Ask(string location) => new(new Uri(_root, string.Join('/', location.Split('/').Select(Uri.EscapeDataString))))
    {
        AllowPlain = _root.Scheme == Uri.UriSchemeHttp,
        MaxBytes = LimitOf(location),

        // What changes in place has to be seen as it is now; everything else is named by its digest or never replaced.
        PastCaches = !IsFixed(location),
    };

    private static bool IsFixed(string location)
    {
        const int digest = 64;
        var name = Path.GetFileName(location);
        return name.EndsWith(".rpm", StringComparison.Ordinal) || (name.Length > digest && name[digest] is '-' && name.AsSpan(0, digest).IndexOfAnyExcept(Hex) < 0);
    }

    private static long LimitOf(string location) => Path.GetExtension(location) switch
    {
        ".rpm" => PackageLimit,
        _ when Path.GetFileName(location) is RevisionRecord.FileName => SignedRecord.Limit,
        _ when Path.GetFileName(location) is Repomd.FileName => RepomdReader.Limit,
        _ when location.StartsWith(Repomd.Folder + "/", StringComparison.Ordinal) => PackedReader.Limit,
        _ => HttpAsk.DocumentBytes,
    };
}
