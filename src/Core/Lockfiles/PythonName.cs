using System.Text;

namespace DotnetRelease.Lockfiles;

/// <summary>Names of Python packages.</summary>
public static class PythonName
{
    /// <summary>Whether the text is a name at all: letters, digits and <c>. _ -</c>, with a letter or digit at both ends (PEP 508).</summary>
    public static bool IsValid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        const int lengthLimit = 200;
        return name.Length is > 0 and <= lengthLimit
            && SafeName.IsPlain(name, "._-")
            && char.IsAsciiLetterOrDigit(name[0])
            && char.IsAsciiLetterOrDigit(name[^1]);
    }

    /// <summary>The form in which two spellings of one name are equal: lower case, runs of <c>. _ -</c> as one dash (PEP 503).</summary>
    public static string Normalize(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var normal = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            var isDash = c is '-' or '_' or '.';
            if (!isDash || normal.Length is 0 || normal[^1] is not '-')
            {
                normal.Append(isDash ? '-' : char.ToLowerInvariant(c));
            }
        }

        return normal.ToString();
    }
}
