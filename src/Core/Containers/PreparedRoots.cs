namespace DotnetRelease.Containers;

/// <summary>How prepared roots are named in the store.</summary>
internal static class PreparedRoots
{
    /// <summary>The name below the store; a key is one plain path segment.</summary>
    internal static string Name(string key) =>
        key is { Length: > 0 and < 200 } && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? $"roots/{key}"
            : throw new ArgumentException($"'{key}' is no key for a prepared root.", nameof(key));
}
