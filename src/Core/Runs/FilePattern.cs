using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace DotnetRelease.Runs;

/// <summary>
/// A pattern of files below a folder: <c>*</c> and <c>?</c> within a name, <c>**</c> for any folders. Hidden files, links and folders are
/// never found; a link could lead to a file that nobody meant.
/// </summary>
/// <param name="text">As the settings checked it: relative, with forward slashes.</param>
internal sealed class FilePattern(string text)
{
    private readonly Regex _regex = new(Translate(text), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>Whether a relative path fits.</summary>
    internal bool Matches(string relative) => _regex.IsMatch(relative);

    /// <summary>Full paths of the files, in the order of their names.</summary>
    internal ImmutableArray<string> FilesBelow(string folder)
    {
        // Everything up to the first segment with a wildcard is a plain folder; nothing beside it has to be read.
        var plain = text.Split('/')[..^1].TakeWhile(segment => segment.AsSpan().IndexOfAny('*', '?') < 0);
        var start = Path.Combine([folder, .. plain]);
        if (!Directory.Exists(start))
        {
            return [];
        }

        var options = new EnumerationOptions
        {
            RecurseSubdirectories = text.Contains('*', StringComparison.Ordinal),
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint,
        };
        return
        [
            .. Directory.EnumerateFiles(start, "*", options)
                .Where(path => Matches(Path.GetRelativePath(folder, path)))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder(@"\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern.AsSpan(i).StartsWith("**/", StringComparison.Ordinal))
            {
                regex.Append("(?:[^/]+/)*");
                i += 2;
            }
            else if (pattern.AsSpan(i).StartsWith("**", StringComparison.Ordinal))
            {
                regex.Append(".*");
                i++;
            }
            else
            {
                regex.Append(pattern[i] switch
                {
                    '*' => "[^/]*",
                    '?' => "[^/]",
                    var c => Regex.Escape(c.ToString()),
                });
            }
        }

        return regex.Append(@"\z").ToString();
    }
}
