namespace DotnetRelease.Lockfiles;

/// <summary>
/// The order of Python versions: epoch, release of any length, pre-, post- and development releases, local part (PEP 440). A text
/// that is no such version stands before all that are, ordered by its characters; nothing here fails.
/// </summary>
public static class PythonVersion
{
    /// <summary>Ascending; versions that mean the same (<c>1.0</c> and <c>1.0.0</c>) by their characters, so that the order is total.</summary>
    public static IComparer<string> Order { get; } = Comparer<string>.Create(
        (left, right) => Compare(left, right) is var order and not 0 ? order : string.CompareOrdinal(left, right));

    /// <summary>Below zero when the left one is older; zero when both mean the same.</summary>
    public static int Compare(string left, string right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        if (string.Equals(left, right, StringComparison.Ordinal))
        {
            return 0;
        }

        return (PythonVersionParts.TryParse(left), PythonVersionParts.TryParse(right)) switch
        {
            (null, null) => string.CompareOrdinal(left, right),
            (null, _) => -1,
            (_, null) => 1,
            var (one, other) => PythonVersionParts.Compare(one, other),
        };
    }
}
