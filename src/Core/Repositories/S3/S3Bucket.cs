using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace DotnetRelease.Repositories.S3;

/// <summary>What is written under a condition.</summary>
/// <param name="ETag">The object has to be this one; null: there has to be none.</param>
internal sealed record WriteCondition(string? ETag);

/// <summary>One prefix of a bucket: the steps that a store is made of, each with the words for its failure.</summary>
internal sealed class S3Bucket(S3Address address) : IDisposable
{
    /// <summary>Larger files go up in pieces of this size, one after the other, so that memory stays flat. Ten thousand pieces are allowed.</summary>
    private const int PieceSize = 16 * 1024 * 1024;

    private readonly Lazy<AmazonS3Client> _client = new(() => Connect(address));

    /// <summary>Null when there is no such object.</summary>
    internal async Task<GetObjectMetadataResponse?> HeadAsync(string location, CancellationToken ct) =>
        await TryAsync("look at", location, () => _client.Value.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = address.Bucket, Key = KeyOf(location) }, ct));

    /// <summary>Null when there is no such object. The stream ends the connection.</summary>
    internal async Task<S3Object?> OpenAsync(string location, CancellationToken ct)
    {
        var response = await TryAsync("read", location, () => _client.Value.GetObjectAsync(new GetObjectRequest { BucketName = address.Bucket, Key = KeyOf(location) }, ct));
        return response is null ? null : new S3Object(response.ETag, new S3Reading(response, ex => Failed("read", location, ex)));
    }

    /// <summary>Everything below a folder.</summary>
    internal async Task<ImmutableArray<StoredFile>> ListAsync(string folder, CancellationToken ct)
    {
        var files = ImmutableArray.CreateBuilder<StoredFile>();
        var start = KeyOf(folder).TrimEnd('/') is { Length: > 0 } prefix ? prefix + "/" : "";
        var ask = new ListObjectsV2Request { BucketName = address.Bucket, Prefix = start };
        do
        {
            var page = await AskAsync("list", folder, () => _client.Value.ListObjectsV2Async(ask, ct));
            files.AddRange((page.S3Objects ?? []).Where(one => !one.Key.EndsWith('/')).Select(ToStored));
            ask.ContinuationToken = page.IsTruncated is true ? page.NextContinuationToken : null;
        }
        while (ask.ContinuationToken is not null);
        return files.ToImmutable();
    }

    /// <summary>Writes a small object and gives its tag; null: the condition does not hold.</summary>
    internal async Task<string?> PutAsync(string location, ReadOnlyMemory<byte> bytes, WriteCondition? condition, CancellationToken ct)
    {
        var request = new PutObjectRequest
        {
            BucketName = address.Bucket,
            Key = KeyOf(location),
            InputStream = ToStream(bytes),
            ChecksumSHA256 = Convert.ToBase64String(SHA256.HashData(bytes.Span)),
            UseChunkEncoding = false,
            IfMatch = condition?.ETag,
            IfNoneMatch = condition is { ETag: null } ? "*" : null,
        };
        request.Headers.CacheControl = ObjectHeaders.CacheControl(location);
        request.ContentType = ObjectHeaders.ContentType(location);
        return (await UnlessRefusedAsync("write", location, () => _client.Value.PutObjectAsync(request, ct)))?.ETag;
    }

    /// <summary>Writes an object of any size under a name that is free; false: it is not.</summary>
    internal async Task<bool> AddAsync(FileOffer offer, CancellationToken ct)
    {
        await using var content = await offer.OpenAsync(ct);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[(int)Math.Clamp(offer.File.Size + 1, 1, PieceSize)];
        var count = await content.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, ct);
        if (count < piece.Length)
        {
            offer.CheckCopied(Digest.Of(piece.AsSpan(0, count)));
            FailPoint.At("publish.copy");
            return await PutAsync(offer.File.Location, piece.AsMemory(0, count), new WriteCondition(null), ct) is not null;
        }

        var upload = new S3Upload(_client.Value, address.Bucket, KeyOf(offer.File.Location));
        try
        {
            await AskAsync("start writing", offer.File.Location, () => upload.StartAsync(ObjectHeaders.ContentType(offer.File.Location), ct));
            for (; count > 0; count = await content.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, ct))
            {
                hash.AppendData(piece.AsSpan(0, count));
                await AskAsync("write", offer.File.Location, () => upload.AddAsync(piece.AsMemory(0, count), ct));
            }

            offer.CheckCopied(Digest.Of(hash));
            FailPoint.At("publish.copy");
            return await UnlessRefusedAsync("finish", offer.File.Location, () => upload.FinishAsync(ct)) is not null;
        }
        finally
        {
            await upload.AbandonAsync();
        }
    }

    /// <summary>Removes an object; one that is not there is no error.</summary>
    internal Task DeleteAsync(string location, CancellationToken ct) =>
        AskAsync("remove", location, () => _client.Value.DeleteObjectAsync(new DeleteObjectRequest { BucketName = address.Bucket, Key = KeyOf(location) }, ct));

    /// <summary>Removes pieces of uploads that a killed run left; they cost money and nobody sees them.</summary>
    internal async Task AbandonUploadsAsync(CancellationToken ct)
    {
        var prefix = KeyOf("").TrimEnd('/') is { Length: > 0 } some ? some + "/" : null;
        var found = await UnlessUnknownAsync(() => _client.Value.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = address.Bucket, Prefix = prefix }, ct));
        foreach (var upload in found?.MultipartUploads ?? [])
        {
            await AskAsync("remove an upload of", upload.Key, () => _client.Value.AbortMultipartUploadAsync(address.Bucket, upload.Key, upload.UploadId, ct));
        }
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    /// <summary>The same memory, which the SDK reads twice: for the signature, and to send it.</summary>
    internal static MemoryStream ToStream(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(bytes.ToArray(), writable: false);

    private static AmazonS3Client Connect(S3Address address)
    {
        var config = new AmazonS3Config
        {
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = 5,
            Timeout = TimeSpan.FromMinutes(2),
            // Newer checks in trailers of the body are not understood everywhere; we send the digest in a header, which is.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (address.Endpoint is { } endpoint)
        {
            (config.ServiceURL, config.ForcePathStyle, config.AuthenticationRegion) = (endpoint.AbsoluteUri, true, address.Region ?? "us-east-1");
        }
        else if (address.Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        try
        {
            return address.Credentials is { } credentials ? new AmazonS3Client(credentials, config) : new AmazonS3Client(config);
        }
        catch (AmazonClientException ex)
        {
            throw new ReleaseException(Fault.SettingsInvalid, $"S3 cannot be used for '{address}': {ex.Message.TrimEnd('.')}.", inner: ex)
            {
                Remedy = "Name the region in the URL (s3://BUCKET/PREFIX?region=NAME), or in AWS_REGION.",
            };
        }
    }

    private string KeyOf(string location) => (address.Prefix, location) switch
    {
        ("", _) => location,
        (_, "") => address.Prefix,
        _ => $"{address.Prefix}/{location}",
    };

    private StoredFile ToStored(Amazon.S3.Model.S3Object one) => new(
        address.Prefix.Length > 0 ? one.Key[(address.Prefix.Length + 1)..] : one.Key,
        one.Size ?? 0,
        one.LastModified is { } modified ? new DateTimeOffset(modified.ToUniversalTime(), TimeSpan.Zero) : null);

    private async Task<T?> TryAsync<T>(string what, string location, Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (AmazonS3Exception ex) when (ex.StatusCode is HttpStatusCode.NotFound && ex.ErrorCode is not "NoSuchBucket")
        {
            return null;
        }
        catch (Exception ex) when (IsOfService(ex))
        {
            throw Failed(what, location, ex);
        }
    }

    /// <summary>Null when the condition of the request does not hold, or somebody else writes the same object right now.</summary>
    private async Task<T?> UnlessRefusedAsync<T>(string what, string location, Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (AmazonS3Exception ex) when (ex.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict || ex.ErrorCode is "NoSuchKey")
        {
            return null;
        }
        catch (Exception ex) when (IsOfService(ex))
        {
            throw Failed(what, location, ex);
        }
    }

    /// <summary>Null when the service has no such call.</summary>
    private async Task<T?> UnlessUnknownAsync<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (AmazonS3Exception ex) when (ex.StatusCode is HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed || ex.ErrorCode is "NotImplemented")
        {
            return null;
        }
        catch (Exception ex) when (IsOfService(ex))
        {
            throw Failed("list uploads below", "", ex);
        }
    }

    private async Task<T> AskAsync<T>(string what, string location, Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception ex) when (IsOfService(ex))
        {
            throw Failed(what, location, ex);
        }
    }

    private static bool IsOfService(Exception ex) => ex is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutException or TaskCanceledException { InnerException: TimeoutException };

    private ReleaseException Failed(string what, string location, Exception ex) => S3Failure.Of(address, $"{what} '{KeyOf(location)}'", ex);
}

/// <summary>An object that is open.</summary>
/// <param name="ETag">Changes with its bytes.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record S3Object(string ETag, Stream Content);
