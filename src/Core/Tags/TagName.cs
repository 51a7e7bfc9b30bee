namespace DotnetRelease.Tags;

/// <summary>
/// The name of a tag as git allows it (<c>git check-ref-format</c>), without anything that a terminal or git's own language of
/// revisions would take for something else.
/// </summary>
public sealed record TagName
{
    private const string Prefix = "refs/tags/";
    private const int LengthLimit = 200;

    private TagName(string text) => Text = text;

    /// <summary>As in the tag object: <c>v1.2.0</c>.</summary>
    public string Text { get; }

    /// <summary>Where git keeps it: <c>refs/tags/v1.2.0</c>.</summary>
    public string Ref => Prefix + Text;

    /// <summary>Takes <c>v1.2.0</c> or <c>refs/tags/v1.2.0</c>.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>: git could have no such tag.</exception>
    public static TagName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var name = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;
        return IsValid(name)
            ? new(name)
            : throw new ReleaseException(Fault.Usage, "That is no name of a tag.") { Remedy = "Name one that 'git tag --list' shows, for example v1.2.0." };
    }

    /// <summary>Whether a tag may have this name.</summary>
    internal static bool IsValid(string name) =>
        name.Length is > 0 and <= LengthLimit
        && SafeName.IsPlain(name, "._+-/!#%,=@")
        && name[0] is not '-' and not '/' and not '@'
        && !name.Contains("..", StringComparison.Ordinal)
        && name.Split('/').All(part => part is not "" and not ['.', ..] && !part.EndsWith(".lock", StringComparison.Ordinal) && part is not [.., '.']);

    /// <summary><see cref="Text"/>.</summary>
    public override string ToString() => Text;
}
