using Amazon.Runtime;
using Amazon.S3.Model;

namespace DotnetRelease.Repositories.S3;

/// <summary>The body of an answer. One that ends too early, or breaks, is a failure with the object's name.</summary>
internal sealed class S3Reading(GetObjectResponse response, Func<Exception, ReleaseException> failed) : ForwardStream
{
    private long _got;

    public override bool CanRead => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var count = await response.ResponseStream.ReadAsync(buffer, cancellationToken);
            _got += count;
            return count > 0 || buffer.IsEmpty || _got >= response.ContentLength ? count : throw new IOException("the answer ended too early");
        }
        catch (Exception ex) when (ex is IOException or HttpRequestException or AmazonServiceException or AmazonClientException)
        {
            throw failed(ex);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            response.Dispose();
        }

        base.Dispose(disposing);
    }
}
