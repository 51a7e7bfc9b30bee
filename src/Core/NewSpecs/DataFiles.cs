namespace DotnetRelease.NewSpecs;

/// <summary>Files below the prefix as lines of <c>%files</c>: in folders of the distro one by one, a folder of the package's own whole.</summary>
internal static class DataFiles
{
    /// <summary>Folders of <c>share</c> that other packages have files in.</summary>
    private static readonly string[] Shared =
        ["applications", "bash-completion", "dbus-1", "doc", "fish", "fonts", "glib-2.0", "icons", "info", "jupyter", "licenses", "locale", "man", "metainfo", "mime", "pixmaps", "zsh"];

    public static IEnumerable<string> Lines(IEnumerable<string> paths) => paths.Select(Line).Distinct(StringComparer.Ordinal);

    private static string Line(string path) => path.Split('/', 4) switch
    {
        // rpm compresses manual pages.
        ["share", "man", var section, var page] => $"%{{_mandir}}/{SpecText.Path(section)}/{SpecText.Path(page)}*",
        ["share", var folder, _, ..] when !Shared.Contains(folder, StringComparer.Ordinal) => $"%{{_datadir}}/{SpecText.Path(folder)}/",
        ["share", ..] => $"%{{_datadir}}/{SpecText.Path(path["share/".Length..])}",
        ["bin", var program] => $"%{{_bindir}}/{SpecText.Path(program)}",
        _ => $"%{{_prefix}}/{SpecText.Path(path)}",
    };
}
