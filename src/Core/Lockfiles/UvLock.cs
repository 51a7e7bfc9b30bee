using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>uv.lock, version 1 with any revision: revisions only add what older readers may leave out.</summary>
internal static class UvLock
{
    private const int KnownVersion = 1;

    /// <summary>uv leaves the version of a local project out when the project computes it.</summary>
    private const string Dynamic = "dynamic";

    /// <summary>Cargo has a number of the version too, but names the source of a package by a text.</summary>
    public static bool Recognises(TomlTable root) =>
        root.Find("version")?.Value is TomlInteger
        && ((root.Find("requires-python") ?? root.Find("revision")) is not null || !root.Tables("package").Any(package => package.Find("source")?.Value is not TomlTable));

    public static Lockfile Read(TomlTable root, string path)
    {
        var version = root.Value("version");
        if (version.AsInteger() is not KnownVersion)
        {
            throw version.Invalid(Fault.LockFormatUnknown, $"is {version.AsInteger()}; uv locks of version {KnownVersion} are read.");
        }

        var list = new LockedPackageList(Ecosystem.Python);
        foreach (var table in root.Tables("package"))
        {
            list.Add(Package(table));
        }

        return list.ToLockfile(path, "uv", "1") with
        {
            Generator = root.OptionalInteger("revision") is { } revision ? revision.ToString(System.Globalization.CultureInfo.InvariantCulture) : "0",
        };
    }

    private static LockedPackage Package(TomlTable table)
    {
        var written = LockedValues.Name(table);
        var source = Source(table.Table("source"));
        var version = table.Find("version")?.Value is { } value
            ? LockedValues.Version(value)
            : source.Kind is LockedSourceKind.Folder or LockedSourceKind.Git ? Dynamic : throw table.Missing("version");

        var files = new LockedFileList();
        if (table.OptionalTable("sdist") is { } sdist)
        {
            AddFile(files, sdist, source);
        }

        foreach (var wheel in table.Tables("wheels"))
        {
            AddFile(files, wheel, source);
        }

        return new(PythonName.Normalize(written), written, version, files.ToImmutable(), table.Position)
        {
            Source = source,
            Markers = table.Texts("resolution-markers"),
        };
    }

    private static void AddFile(LockedFileList files, TomlTable table, LockedSource source)
    {
        var place = (table.Find("url") ?? table.Find("path") ?? table.Find("filename"))?.Value;

        // An archive that is itself the source is not named a second time.
        var location = (place is null ? null : LockedValues.Place(place)) ?? (source.Kind is LockedSourceKind.Url or LockedSourceKind.File ? source.Location : throw table.Missing("url"));
        var hash = table.Value("hash");
        var name = LockedValues.FileName(place ?? table, LockedValues.LastSegment(location));
        files.Add(
            new(name, LockedValues.Digest(hash), hash.Position)
            {
                Url = location.Contains("://", StringComparison.Ordinal) ? location : null,
                Size = LockedValues.Size(table.Find("size")?.Value),
                UploadedAt = table.Find("upload-time")?.Value is { } time ? LockedValues.Time(time) : null,
            },
            hash);
    }

    private static LockedSource Source(TomlTable source)
    {
        ReadOnlySpan<(string Key, LockedSourceKind Kind)> kinds =
        [
            ("registry", LockedSourceKind.Index), ("git", LockedSourceKind.Git), ("url", LockedSourceKind.Url), ("path", LockedSourceKind.File),
            ("directory", LockedSourceKind.Folder), ("editable", LockedSourceKind.Folder), ("virtual", LockedSourceKind.Folder),
        ];
        foreach (var (key, kind) in kinds)
        {
            if (LockedValues.OptionalPlace(source, key) is { } location)
            {
                return new(kind, location);
            }
        }

        throw source.Invalid("must have one of registry, git, url, path, directory, editable or virtual.");
    }
}
