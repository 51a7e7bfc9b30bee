namespace DotnetRelease.Http;

/// <summary>A failure that another attempt may cure. Never leaves the door.</summary>
/// <param name="message">What was asked and what came back, without a full stop.</param>
/// <param name="retryAfter">How long the server wants us to wait, when it says so.</param>
/// <param name="inner">What .NET said.</param>
internal sealed class TransientFailure(string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    internal TimeSpan? RetryAfter { get; } = retryAfter;
}
