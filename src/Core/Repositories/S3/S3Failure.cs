using System.Globalization;
using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace DotnetRelease.Repositories.S3;

/// <summary>What an answer of the service, or none, means for whoever has to do something about it.</summary>
internal static class S3Failure
{
    internal static ReleaseException Of(S3Address address, string what, Exception ex)
    {
        var where = $"bucket '{address.Bucket}'{(address.Endpoint is { } endpoint ? $" at {endpoint.Authority}" : "")}";
        return ex switch
        {
            AmazonS3Exception { ErrorCode: "RequestTimeTooSkewed" } => Refused("The clock of this machine is too far from that of the service. Set it, for example with chrony."),
            AmazonS3Exception { ErrorCode: "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" } =>
                Refused("The bucket lies in another region: name it in the URL, s3://BUCKET/PREFIX?region=NAME."),
            AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } =>
                Refused("Check the credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID, or the role of this machine) and what they may do: list, read, write and delete below the prefix."),
            AmazonS3Exception { StatusCode: >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.TooManyRequests } => Refused(""),
            AmazonServiceException service when (int)service.StatusCode > 0 => new ReleaseException(
                Fault.StoreUnreachable, $"S3 did not {what} in {where}, after several tries: {Said(service)}.", inner: ex)
            { Remedy = "Run the command again later; it goes on from what is there." },
            _ => new ReleaseException(Fault.StoreUnreachable, $"S3 could not be asked to {what} in {where}: {ex.Message.TrimEnd('.')}.", inner: ex)
            {
                Remedy = "Check the endpoint and the credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role of this machine), and run the command again.",
            },
        };

        ReleaseException Refused(string remedy) =>
            new(Fault.StoreRefused, $"S3 did not {what} in {where}: {Said((AmazonServiceException)ex)}.", inner: ex) { Remedy = remedy };
    }

    private static string Said(AmazonServiceException ex) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)ex.StatusCode} {ex.ErrorCode}: {ex.Message.TrimEnd('.')}");
}
