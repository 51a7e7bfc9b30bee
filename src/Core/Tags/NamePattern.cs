namespace DotnetRelease.Tags;

/// <summary>A name of packages in which <c>*</c> stands for any characters and <c>?</c> for one: <c>python3-*</c>.</summary>
/// <param name="Text">As written.</param>
public sealed record NamePattern(string Text)
{
    /// <summary>Whether the whole name fits.</summary>
    public bool Matches(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        // On a mismatch only the last star can help by taking one character more, so this is never worse than the product of both lengths.
        var (at, star, taken) = (0, -1, 0);
        for (var i = 0; i < name.Length;)
        {
            if (at < Text.Length && Text[at] is '*')
            {
                (star, taken) = (at++, i);
            }
            else if (at < Text.Length && (Text[at] is '?' || Text[at] == name[i]))
            {
                (at, i) = (at + 1, i + 1);
            }
            else if (star >= 0)
            {
                (at, i) = (star + 1, ++taken);
            }
            else
            {
                return false;
            }
        }

        return Text.AsSpan(at).TrimStart('*').IsEmpty;
    }

    /// <summary><see cref="Text"/>.</summary>
    public override string ToString() => Text;
}
