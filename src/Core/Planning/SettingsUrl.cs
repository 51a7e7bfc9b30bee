namespace DotnetRelease.Planning;

/// <summary>A URL of the settings whose scheme was checked and that holds no password.</summary>
/// <param name="Scheme">Lower case: <c>https</c>, <c>file</c>, <c>ssh</c>, ….</param>
/// <param name="Text">As written.</param>
public sealed record SettingsUrl(string Scheme, string Text)
{
    /// <summary>Whether it is a folder of this machine.</summary>
    public bool IsFile => Scheme is "file";

    /// <summary>
    /// The local path of a <c>file:</c> URL, or null for any other: <c>file:///srv/repo</c> is absolute, <c>file:repo</c> and
    /// <c>file:./repo</c> are relative to the settings' folder.
    /// </summary>
    /// <param name="folder">Full path of the settings' folder.</param>
    public string? ToPath(string folder)
    {
        if (!IsFile)
        {
            return null;
        }

        var path = Text["file:".Length..];
        path = path.StartsWith("//", StringComparison.Ordinal) ? path[path.IndexOf('/', 2)..] : path;
        return Path.GetFullPath(Uri.UnescapeDataString(path), folder);
    }

    /// <summary>As written.</summary>
    public override string ToString() => Text;
}
