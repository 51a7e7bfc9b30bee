using System.Text.RegularExpressions;
using Amazon.Runtime;
using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories.S3;

/// <summary>A place in an object store: <c>s3://BUCKET[/PREFIX][?endpoint=URL&amp;region=NAME]</c>.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">What every key starts with, without a slash at its ends; may be empty.</param>
public sealed partial record S3Address(string Bucket, string Prefix) : StoreAddress
{
    /// <summary>A service that is not Amazon's; null: Amazon's, in the region.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Null: what the environment says.</summary>
    public string? Region { get; init; }

    /// <summary>Null: the SDK looks in its usual places (environment, shared files, the role of the machine).</summary>
    internal AWSCredentials? Credentials { get; init; }

    /// <summary>The place without what only the connection needs.</summary>
    public override string ToString() => Prefix.Length > 0 ? $"s3://{Bucket}/{Prefix}" : $"s3://{Bucket}";

    /// <summary>Reads a URL of the scheme.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SettingsInvalid"/>.</exception>
    internal static S3Address Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.UserInfo.Length > 0 || url.Fragment.Length > 0 || url.Port > 0 || !BucketName().IsMatch(url.Host))
        {
            throw Invalid(text, "it has to be s3://BUCKET/PREFIX, with a bucket of 3 to 63 lower-case letters, digits, dots and hyphens");
        }

        var prefix = Uri.UnescapeDataString(url.AbsolutePath).Trim('/');
        if (prefix.Length > 0 && !RepositoryPath.IsSafe(prefix))
        {
            throw Invalid(text, $"'{prefix}' is no prefix that means the same in every URL");
        }

        var address = new S3Address(url.Host, prefix);
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var value = Uri.UnescapeDataString(pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            address = pair.Split('=')[0] switch
            {
                "endpoint" => address with { Endpoint = ParseEndpoint(text, value) },
                "region" when RegionName().IsMatch(value) => address with { Region = value },
                "region" => throw Invalid(text, $"'{value}' is no region"),
                _ => throw Invalid(text, $"'{pair.Split('=')[0]}' is not known; known are endpoint and region"),
            };
        }

        return address;
    }

    /// <inheritdoc/>
    internal override StoreAddress Below(string layout) =>
        layout.Length is 0 ? this : this with { Prefix = Prefix.Length > 0 ? $"{Prefix}/{layout}" : layout };

    /// <inheritdoc/>
    internal override IRepositoryStore Open() => new S3Store(this);

    private static Uri ParseEndpoint(string text, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var endpoint) && endpoint.UserInfo.Length is 0 && (endpoint.Scheme is "https" || (endpoint.Scheme is "http" && endpoint.IsLoopback))
            ? endpoint
            : throw Invalid(text, $"the endpoint '{value}' has to be an https URL without a password; http is only for this machine");

    private static ReleaseException Invalid(string text, string why) => new(Fault.SettingsInvalid, $"'{text}' is no place in S3: {why}.");

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketName();

    [GeneratedRegex(@"^[a-z0-9-]{1,64}\z")]
    private static partial Regex RegionName();
}
