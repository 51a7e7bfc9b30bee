using System.Globalization;

namespace DotnetRelease.Rpm;

/// <summary>The files of two packages, compared by path; a path that has the package's version in it stays the same file when the version moves.</summary>
internal static class RpmFileDiff
{
    public static IEnumerable<RpmDifference> Of(RpmPackage old, RpmPackage @new)
    {
        var (before, after) = (ByPlace(old), ByPlace(@new));
        var areDigestsComparable = old.FileDigestAlgorithm == @new.FileDigestAlgorithm;
        foreach (var place in before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (wasThere, isThere) = (before.TryGetValue(place, out var was), after.TryGetValue(place, out var now));
            if (!wasThere || !isThere)
            {
                yield return new(RpmArea.Files, wasThere ? was.Path : now.Path, wasThere ? Whole(was) : null, isThere ? Whole(now) : null);
            }
            else if (!Same(was, now, areDigestsComparable))
            {
                yield return new(RpmArea.Files, now.Path, Whole(was), Whole(now));
            }
        }
    }

    private static Dictionary<string, RpmFileEntry> ByPlace(RpmPackage package)
    {
        var places = new Dictionary<string, RpmFileEntry>(package.Files.Length, StringComparer.Ordinal);
        foreach (var file in package.Files)
        {
            // Two versions in one folder are two files.
            if (!places.TryAdd(WithoutVersion(file.Path, package.Nevra.Version), file))
            {
                places[file.Path] = file;
            }
        }

        return places;
    }

    private static string WithoutVersion(string path, string version)
    {
        for (var at = path.IndexOf(version, StringComparison.Ordinal); at >= 0; at = path.IndexOf(version, at + 1, StringComparison.Ordinal))
        {
            // The 1.0 in 11.0, in 2.1.0 and in 1.0.1 is another version; that in libx.so.1.0 is not.
            var end = at + version.Length;
            if (!IsComing(path, at) && (end == path.Length || !char.IsAsciiDigit(path[end])) && !IsGoingOn(path, end))
            {
                path = $"{path[..at]}%{{version}}{path[end..]}";
            }
        }

        return path;
    }

    private static bool IsComing(string path, int at) => at > 0 && (char.IsAsciiDigit(path[at - 1]) || (path[at - 1] is '.' && at > 1 && char.IsAsciiDigit(path[at - 2])));

    private static bool IsGoingOn(string path, int end) => end + 1 < path.Length && path[end] is '.' && char.IsAsciiDigit(path[end + 1]);

    private static bool Same(RpmFileEntry was, RpmFileEntry now, bool areDigestsComparable) =>
        Attributes(was) == Attributes(now) && was.Size == now.Size && (!areDigestsComparable || was.Digest == now.Digest);

    private static (ushort Mode, uint Flags, string User, string Group, string Link, string Capabilities) Attributes(RpmFileEntry file) =>
        (file.Mode, file.Flags, file.User, file.Group, file.LinkTarget, file.Capabilities);

    private static string Whole(RpmFileEntry file)
    {
        const int permissions = 0xFFF, enough = 12;
        var what = file.IsDirectory ? "folder" : file.IsSymbolicLink ? $"link to {file.LinkTarget}" : $"{file.Size} bytes {file.Digest[..Math.Min(enough, file.Digest.Length)]}".TrimEnd();
        var marks = (file.IsConfig ? " config" : "") + (file.IsGhost ? " ghost" : "") + (file.Capabilities.Length > 0 ? $" {file.Capabilities}" : "");
        return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToString(file.Mode & permissions, 8).PadLeft(4, '0')} {file.User}:{file.Group} {what}{marks}");
    }
}
