using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace DotnetRelease.Repositories.S3;

/// <summary>An object that goes up in pieces. Nothing of it is seen before it is finished.</summary>
internal sealed class S3Upload(IAmazonS3 client, string bucket, string key)
{
    private readonly List<PartETag> _pieces = [];
    private string? _id;

    internal async Task<bool> StartAsync(string contentType, CancellationToken ct)
    {
        var request = new InitiateMultipartUploadRequest { BucketName = bucket, Key = key, ContentType = contentType, ChecksumAlgorithm = ChecksumAlgorithm.SHA256 };
        request.Headers.CacheControl = "public, max-age=3600";
        _id = (await client.InitiateMultipartUploadAsync(request, ct)).UploadId;
        return true;
    }

    internal async Task<bool> AddAsync(ReadOnlyMemory<byte> piece, CancellationToken ct)
    {
        var checksum = Convert.ToBase64String(SHA256.HashData(piece.Span));
        var response = await client.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = bucket,
                Key = key,
                UploadId = _id,
                PartNumber = _pieces.Count + 1,
                PartSize = piece.Length,
                InputStream = S3Bucket.ToStream(piece),
                ChecksumSHA256 = checksum,
                UseChunkEncoding = false,
            },
            ct);
        _pieces.Add(new PartETag(_pieces.Count + 1, response.ETag) { ChecksumSHA256 = checksum });
        return true;
    }

    internal async Task<CompleteMultipartUploadResponse> FinishAsync(CancellationToken ct)
    {
        var response = await client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = _id, PartETags = _pieces, IfNoneMatch = "*" }, ct);
        _id = null;
        return response;
    }

    /// <summary>Gives up what is not finished; when that fails too, the next run finds it.</summary>
    internal async Task AbandonAsync()
    {
        if (_id is null)
        {
            return;
        }

        try
        {
            await client.AbortMultipartUploadAsync(bucket, key, _id, CancellationToken.None);
        }
        catch (Exception ex) when (ex is AmazonServiceException or AmazonClientException or HttpRequestException or IOException)
        {
            // Told by what failed before.
        }
    }
}
