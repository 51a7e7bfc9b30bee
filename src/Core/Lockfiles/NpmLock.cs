using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>
/// package-lock.json and npm-shrinkwrap.json with lockfileVersion 1 to 3. Version 1 nests <c>dependencies</c>; version 3 has <c>packages</c> by
/// their folder; version 2 has both, which say the same.
/// </summary>
internal static class NpmLock
{
    private const int NewestVersion = 3;
    private const string Modules = "node_modules/";

    public static bool Recognises(TomlTable root) => root.Find("lockfileVersion") is not null;

    public static Lockfile Read(TomlTable root, string path)
    {
        var version = root.Value("lockfileVersion");
        if (version.AsInteger() is < 1 or > NewestVersion)
        {
            throw version.Invalid(Fault.LockFormatUnknown, $"is {version.AsInteger()}; locks of npm up to version {NewestVersion} are read.");
        }

        var list = new LockedPackageList(Ecosystem.Npm);
        if (root.OptionalTable("packages") is { } packages)
        {
            foreach (var entry in packages.Entries)
            {
                AddFolder(list, entry);
            }
        }
        else
        {
            AddNested(list, root.OptionalTable("dependencies"));
        }

        return list.ToLockfile(path, "npm", version.AsInteger().ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Only what lies in a folder node_modules was installed; other folders are the project's own, and links lead to them.</summary>
    private static void AddFolder(LockedPackageList list, TomlEntry entry)
    {
        var at = entry.Key.LastIndexOf(Modules, StringComparison.Ordinal);
        var table = entry.Value.AsTable();
        if (at < 0 || table.OptionalBoolean("link") is true)
        {
            return;
        }

        // An alias has another folder than name.
        var name = table.OptionalText("name") ?? entry.Key[(at + Modules.Length)..];
        list.Merge(Package(entry, name));
    }

    private static void AddNested(LockedPackageList list, TomlTable? dependencies)
    {
        foreach (var entry in dependencies?.Entries ?? [])
        {
            var table = entry.Value.AsTable();
            list.Merge(Package(entry, entry.Key));
            AddNested(list, table.OptionalTable("dependencies"));
        }
    }

    private static LockedPackage Package(TomlEntry entry, string written)
    {
        var name = LockedValues.Name(entry, written, Ecosystem.Npm);
        var table = entry.Value.AsTable();
        var said = table.Value("version");

        // Version 1 writes where it came from as the version of what is from no registry.
        var isPlace = said.AsText().Contains(':', StringComparison.Ordinal);
        var location = LockedValues.OptionalPlace(table, "resolved") ?? (isPlace ? LockedValues.Place(said) : "");
        var version = isPlace ? PlaceVersion(said) : LockedValues.Version(said);
        return new(name, name, version, Files(table, (name, version), location), table.Position)
        {
            Key = PythonName.Normalize(name),
            Source = Source(location),
            Markers = [.. ((ReadOnlySpan<string>)["dev", "optional", "peer", "devOptional"]).ToArray().Where(flag => table.OptionalBoolean(flag) is true)],
        };
    }

    /// <summary><c>npm:other@1.2.3</c> is an alias; of a repository the commit stands for the version.</summary>
    private static string PlaceVersion(TomlValue said)
    {
        var text = said.AsText();
        var at = text.LastIndexOfAny(['@', '#']);
        return at > 0 && at + 1 < text.Length && text[(at + 1)..].All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+') ? LockedValues.Version(said, text[(at + 1)..]) : "dynamic";
    }

    private static ImmutableArray<LockedFile> Files(TomlTable table, (string Name, string Version) package, string location)
    {
        if (table.Find("integrity")?.Value is not { } integrity)
        {
            return [];
        }

        var segment = LockedValues.LastSegment(location);
        var name = segment.Length > 0 && location.Contains("://", StringComparison.Ordinal) ? segment : $"{package.Name.Split('/')[^1]}-{package.Version}.tgz";
        return
        [
            new(LockedValues.FileName(table.Find("resolved")?.Value ?? integrity, name), LockedValues.Integrity(integrity), integrity.Position)
            {
                Url = location.StartsWith("https://", StringComparison.Ordinal) ? location : null,
            },
        ];
    }

    private static LockedSource Source(string location) => location switch
    {
        "" => LockedSource.DefaultIndex,
        _ when location.StartsWith("git", StringComparison.Ordinal) => new(LockedSourceKind.Git, location),
        _ when location.StartsWith("file:", StringComparison.Ordinal) => new(LockedSourceKind.File, location),

        // A registry has NAME/-/FILE; any other address is one archive.
        _ when Uri.TryCreate(location, UriKind.Absolute, out var url) && url.AbsolutePath.Contains("/-/", StringComparison.Ordinal) =>
            new(LockedSourceKind.Index, url.GetLeftPart(UriPartial.Authority)),
        _ => new(LockedSourceKind.Url, location),
    };
}
