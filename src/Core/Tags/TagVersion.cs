using DotnetRelease.Rpm;
using DotnetRelease.Specs;

namespace DotnetRelease.Tags;

/// <summary>
/// Versions of one release in the spellings of tags, Python and RPM: <c>1.0-rc1</c>, <c>1.0rc1</c> and <c>1.0~rc1</c> are the same, and
/// older than <c>1.0</c>.
/// </summary>
public static class TagVersion
{
    /// <summary>Whether both mean the same release.</summary>
    public static bool AreEqual(string one, string other) => string.Equals(one, other, StringComparison.Ordinal) || string.Equals(PythonVersions.ToRpm(one), PythonVersions.ToRpm(other), StringComparison.Ordinal);

    /// <summary>Below 0: the first is older.</summary>
    public static int Compare(string one, string other) => RpmVersion.Compare(PythonVersions.ToRpm(one), PythonVersions.ToRpm(other));
}
