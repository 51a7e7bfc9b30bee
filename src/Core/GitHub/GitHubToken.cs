namespace DotnetRelease.GitHub;

/// <summary>A token and where it came from. Only the source is ever shown; the redactor knows the rest.</summary>
public sealed class GitHubToken
{
    /// <summary>Real ones have 40 to 255 characters; some enterprises issue longer ones.</summary>
    internal const int LengthLimit = 2048;

    private GitHubToken(string value, string source) => (Value, Source) = (value, source);

    /// <summary>Where it came from: <c>GITHUB_TOKEN</c>, a file, <c>gh auth token</c>.</summary>
    public string Source { get; }

    internal string Value { get; }

    /// <summary>Takes a token that was read; from now on no output shows it.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.GitHubTokenUnusable"/>: it cannot be one.</exception>
    public static GitHubToken Of(string value, string source)
    {
        ArgumentNullException.ThrowIfNull(value);
        var token = value.Trim();
        Redactor.Shared.Learn(token);
        var isOne = token.Length is >= SecretForms.Shortest and <= LengthLimit && token.All(c => c is > ' ' and < '\x7f');
        return isOne
            ? new GitHubToken(token, source)
            : throw new ReleaseException(Fault.GitHubTokenUnusable, $"What {source} holds is no token: {(token.Length is 0 ? "it is empty" : "a token is one word of printable characters")}.")
            {
                Remedy = "Make one that may write the contents of this repository: https://github.com/settings/personal-access-tokens",
            };
    }

    /// <summary>The source, never the token.</summary>
    public override string ToString() => Source;
}
