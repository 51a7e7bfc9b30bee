using System.Text.RegularExpressions;

namespace DotnetRelease.NewSpecs;

/// <summary>The libraries that wheels bring for themselves: nobody else may be given one, and nobody has to provide one.</summary>
internal static partial class PrivateLibraries
{
    /// <summary>So many of one family, such as libQt6, are written as one.</summary>
    private const int Family = 3;

    /// <summary>Whether a file is a shared object.</summary>
    public static bool IsSharedObject(string path) => Name().IsMatch(Path.GetFileName(path));

    /// <summary>
    /// A regular expression for what the private libraries are required as, null when there are none. Plugins and modules of Python are
    /// loaded by path and never required. The expression has <c>[.]</c> for a dot, because in a macro a backslash does not always stay one.
    /// </summary>
    public static string? Requirement(IEnumerable<string> files)
    {
        var stems = files.Select(Stem).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var families = stems.GroupBy(stem => Prefix().Match(stem) is { Success: true } match ? match.Value : stem, StringComparer.Ordinal);
        var parts = families.SelectMany(group => group.Count() < Family ? group.Select(Pattern) : [Pattern(group.Key) + ".*"]).Distinct(StringComparer.Ordinal).ToList();
        return parts is [] ? null : $"^({string.Join('|', parts)})([.]abi3)?[.]so.*$";
    }

    private static string? Stem(string path)
    {
        var name = Path.GetFileName(path);
        var match = Name().Match(name);
        var folder = Path.GetDirectoryName(path) ?? "";
        var isLibrary = match.Success && !match.Groups["python"].Success && !match.Groups["stem"].Value.EndsWith("plugin", StringComparison.Ordinal)
            && !folder.Split('/').Any(segment => segment is "plugins" or "qml")
            && (match.Groups["version"].Success || name.StartsWith("lib", StringComparison.Ordinal) || folder.EndsWith(".libs", StringComparison.Ordinal));

        // The stable ABI of Python has libraries of its own: libshiboken6.abi3.so.6.7.
        isLibrary |= match.Success && match.Groups["python"].Value is ".abi3" && match.Groups["version"].Success;
        return isLibrary ? match.Groups["stem"].Value : null;
    }

    // auditwheel puts eight digits of a hash behind the name, and they are others in each version.
    private static string Pattern(string stem) =>
        Hash().Replace(string.Concat(stem.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? $"{c}" : c is '.' or '+' ? $"[{c}]" : ".")), "-[0-9a-f]{8}");

    [GeneratedRegex(@"^(?<stem>.+?)(?<python>\.abi3|\.cpython-[A-Za-z0-9_-]+)?\.so(?<version>(\.[0-9]+)+)?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();

    [GeneratedRegex("^lib[A-Za-z]+[0-9]+(?=[A-Z])")]
    private static partial Regex Prefix();

    [GeneratedRegex("-[0-9a-f]{8}$")]
    private static partial Regex Hash();
}
