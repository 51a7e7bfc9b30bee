using System.Text.RegularExpressions;

namespace DotnetRelease.NewSpecs;

/// <summary>The files of a library folder: what a package owns of it, and what can be imported.</summary>
/// <param name="site">The folder's macro.</param>
/// <param name="files">Of all wheels, without <c>.dist-info</c>.</param>
internal sealed partial class SiteTree(string site, IEnumerable<string> files)
{
    private readonly List<string> _files = [.. files.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Lines of <c>%files</c>: whole folders, and of one that other packages share only what is in it.</summary>
    public IEnumerable<string> Owned() => Owned("");

    /// <summary>The modules at the top, and those right inside a folder that is shared.</summary>
    public IEnumerable<string> Modules() => Modules("").Where(name => Dotted().IsMatch(name)).Distinct(StringComparer.Ordinal);

    private IEnumerable<string> Owned(string parent)
    {
        foreach (var (name, isFolder) in Children(parent))
        {
            var path = $"{site}/{SpecText.Path(parent + name)}";
            if (isFolder && IsShared(parent + name + "/"))
            {
                yield return $"%dir {path}/";
                foreach (var line in Owned(parent + name + "/"))
                {
                    yield return line;
                }
            }
            else if (parent.Length is 0 && name.EndsWith(".py", StringComparison.Ordinal))
            {
                // Its bytecode lies in a folder that is every package's; Fedora has a macro for both.
                yield return $"%{{?pycached:%{{pycached {path}}}}}%{{!?pycached:{path}}}";
            }
            else
            {
                yield return path + (isFolder ? "/" : "");
            }
        }
    }

    private IEnumerable<string> Modules(string parent)
    {
        foreach (var (name, isFolder) in Children(parent))
        {
            var dotted = parent.Replace('/', '.') + name;
            if (!isFolder)
            {
                if (name != "__init__.py" && ModuleFile().Match(name) is { Success: true } match)
                {
                    yield return parent.Replace('/', '.') + match.Groups["module"].Value;
                }
            }
            else if (_files.BinarySearch($"{parent}{name}/__init__.py", StringComparer.Ordinal) >= 0)
            {
                yield return dotted;
            }
            else if (IsShared(parent + name + "/"))
            {
                foreach (var module in Modules(parent + name + "/"))
                {
                    yield return module;
                }
            }
        }
    }

    /// <summary>A folder without a file of its own is a namespace that several packages fill.</summary>
    private bool IsShared(string folder) => !_files.Exists(file => file.StartsWith(folder, StringComparison.Ordinal) && file.IndexOf('/', folder.Length) < 0);

    private IEnumerable<(string Name, bool IsFolder)> Children(string parent) => _files
        .Where(file => file.StartsWith(parent, StringComparison.Ordinal))
        .Select(file => file.IndexOf('/', parent.Length) is > 0 and var slash ? (file[parent.Length..slash], true) : (file[parent.Length..], false))
        .Distinct();

    [GeneratedRegex(@"^(?<module>[A-Za-z_][A-Za-z0-9_]*)(\.py|\.so|\.abi3\.so|\.cpython-[A-Za-z0-9_-]+\.so)$", RegexOptions.ExplicitCapture)]
    private static partial Regex ModuleFile();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")]
    private static partial Regex Dotted();
}
