using System.Text.RegularExpressions;

namespace DotnetRelease.Specs;

/// <summary>Versions as Python writes them (PEP 440) in the form that sorts the same way in RPM.</summary>
public static partial class PythonVersions
{
    /// <summary>
    /// <c>6.8.0rc1</c> becomes <c>6.8.0~rc1</c>, which RPM sorts before <c>6.8.0</c>; a <c>.dev</c> part likewise. An epoch (<c>1!</c>) is left out:
    /// RPM has its own.
    /// </summary>
    public static string ToRpm(string version)
    {
        var match = Pep440().Match(version);
        return match.Success
            ? match.Groups["release"].Value
                + Before(match.Groups["pre"].Value)
                + match.Groups["post"].Value
                + Before(match.Groups["dev"].Value)
                + match.Groups["local"].Value.Replace('-', '.')
            : version.Replace('-', '~').Replace('!', '.');
    }

    /// <summary>Whether a spec's <c>Version</c> stands for the locked version, in either spelling.</summary>
    public static bool Match(string specVersion, string locked) =>
        string.Equals(specVersion, locked, StringComparison.Ordinal) || string.Equals(specVersion, ToRpm(locked), StringComparison.Ordinal);

    private static string Before(string part) => part.Length is 0 ? "" : "~" + part.TrimStart('.', '-', '_');

    [GeneratedRegex(
        @"^v?([0-9]+!)?(?<release>[0-9]+(\.[0-9]+)*)(?<pre>[._-]?(a|b|rc|alpha|beta|c|pre|preview)[._-]?[0-9]*)?(?<post>\.post[0-9]+)?(?<dev>[._-]?dev[0-9]*)?(?<local>\+[A-Za-z0-9._-]+)?$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pep440();
}
