using System.Text.RegularExpressions;

namespace DotnetRelease.Tags;

/// <summary>The form of a project's release tags: <c>v{version}</c>, <c>{name}-{version}</c>, ….</summary>
public sealed class TagPattern
{
    private readonly string _text;
    private readonly Regex _regex;

    private TagPattern(string text, Regex regex) => (_text, _regex) = (text, regex);

    /// <summary>Takes a pattern that the settings' reader has accepted.</summary>
    public static TagPattern Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // A version begins with a digit, so that "{name}-{version}" has one meaning for "python3-pyside6-6.8.0".
        var regex = Regex.Escape(text)
            .Replace(@"\{version}", "(?<version>[0-9][0-9A-Za-z.+~!_-]{0,63})", StringComparison.Ordinal)
            .Replace(@"\{name}", "(?<name>[A-Za-z0-9][A-Za-z0-9._+-]{0,127}?)", StringComparison.Ordinal);
        return new(text, new Regex($@"\A{regex}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)));
    }

    /// <summary>The version in a tag's name, and the package where the form has one; null when the name has another form.</summary>
    public (string Version, string? Package)? Read(string tag)
    {
        var match = _regex.Match(tag);
        return match.Success ? (match.Groups["version"].Value, match.Groups["name"] is { Success: true } name ? name.Value : null) : null;
    }

    /// <summary>As written.</summary>
    public override string ToString() => _text;
}
