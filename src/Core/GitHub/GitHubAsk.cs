using DotnetRelease.Http;

namespace DotnetRelease.GitHub;

/// <summary>One request to the API.</summary>
/// <param name="Method">GET reads; everything else changes something.</param>
/// <param name="Url">Where.</param>
internal sealed record GitHubAsk(HttpMethod Method, Uri Url)
{
    /// <summary>A page of a hundred releases with their assets is large.</summary>
    internal const int MostBytes = 64 * 1024 * 1024;

    /// <summary>What is sent along.</summary>
    internal HttpBody? Body { get; init; }

    /// <summary>What is attempted, for messages: <c>publishing the release v1.2</c>.</summary>
    internal required string What { get; init; }

    /// <summary>Whether it is an asset on its way; those are kept apart only where the server has limits.</summary>
    internal bool IsUpload { get; init; }

    internal bool IsRead => Method == HttpMethod.Get;
}
