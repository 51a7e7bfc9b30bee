using System.Collections.Immutable;
using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>pdm.lock with lock_version 2 to 4. Until 4.0 the files are in <c>[metadata.files]</c> under <c>NAME VERSION</c>.</summary>
internal static class PdmLock
{
    private const int OldestMajor = 2, NewestMajor = 4;

    public static bool Recognises(TomlTable root) => root.Find("metadata")?.Value is TomlTable metadata && metadata.Find("lock_version") is not null;

    public static Lockfile Read(TomlTable root, string path)
    {
        var metadata = root.Table("metadata");
        var version = metadata.Value("lock_version");
        if (!int.TryParse(version.AsText().Split('.')[0], out var major) || major is < OldestMajor or > NewestMajor)
        {
            throw version.Invalid(Fault.LockFormatUnknown, $"is {LockedValues.Shown(version.AsText())}; pdm locks of {OldestMajor}.x to {NewestMajor}.x are read.");
        }

        var list = new LockedPackageList(Ecosystem.Python);
        foreach (var table in root.Tables("package"))
        {
            // An entry with extras repeats a package to say what the extras need.
            if (table.OptionalArray("extras") is null)
            {
                list.Add(Package(table, metadata.OptionalTable("files")));
            }
        }

        return list.ToLockfile(path, "pdm", version.AsText());
    }

    private static LockedPackage Package(TomlTable table, TomlTable? old)
    {
        var written = LockedValues.Name(table);
        var version = LockedValues.Version(table.Value("version"));
        var files = table.OptionalArray("files") ?? old?.Find($"{written} {version}")?.Value.AsArray();
        return new(PythonName.Normalize(written), written, version, files is null ? [] : Files(files), table.Position)
        {
            Source = Source(table),
            Markers = table.OptionalText("marker") is { } marker ? [marker] : [],
        };
    }

    private static ImmutableArray<LockedFile> Files(TomlArray array)
    {
        var files = new LockedFileList();
        foreach (var table in array.Tables())
        {
            var place = table.Find("url")?.Value;
            var name = place ?? table.Value("file");
            var hash = table.Value("hash");
            files.Add(new(LockedValues.FileName(name, LockedValues.LastSegment(name.AsText())), LockedValues.Digest(hash), hash.Position) { Url = place is null ? null : LockedValues.Place(place) }, hash);
        }

        return files.ToImmutable();
    }

    private static LockedSource Source(TomlTable table) =>
        LockedValues.OptionalPlace(table, "git") is { } git ? new(LockedSourceKind.Git, $"{git}#{table.OptionalText("revision") ?? table.OptionalText("ref")}")
        : LockedValues.OptionalPlace(table, "url") is { } url ? new(LockedSourceKind.Url, url)
        : table.OptionalText("path") is { } path ? new(LockedSourceKind.Folder, path)
        : LockedSource.DefaultIndex;
}
