using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>
/// poetry.lock. From lock-version 2 on a package lists its own files; before, <c>[metadata.files]</c> has them by package name for all
/// versions together, and before 1.0 <c>[metadata.hashes]</c> has digests without file names.
/// </summary>
internal static class PoetryLock
{
    private const int NewestMajor = 2;

    public static bool Recognises(TomlTable root) =>
        root.Find("metadata")?.Value is TomlTable metadata
        && (metadata.Find("lock-version") ?? metadata.Find("content-hash") ?? metadata.Find("files") ?? metadata.Find("hashes")) is not null;

    public static Lockfile Read(TomlTable root, string path)
    {
        var metadata = root.Table("metadata");
        var version = FormatVersion(metadata);
        var packages = root.Tables("package");
        var old = version[0] is '0' or '1' ? PoetryOldFiles.Read(metadata, packages) : null;

        var list = new LockedPackageList(Ecosystem.Python);
        foreach (var table in packages)
        {
            list.Add(Package(table, old));
        }

        return list.ToLockfile(path, "poetry", version);
    }

    private static LockedPackage Package(TomlTable table, PoetryOldFiles? old)
    {
        var written = LockedValues.Name(table);
        var name = PythonName.Normalize(written);
        var version = LockedValues.Version(table.Value("version"));
        return new(name, written, version, old is null ? Files(table.Array("files")) : old.Files(name, version), table.Position)
        {
            Source = Source(table.OptionalTable("source")),
            Markers = Markers(table.Find("markers")?.Value ?? table.Find("marker")?.Value),
            NamelessDigests = old?.Nameless(name) ?? [],
        };
    }

    /// <summary><c>[{file = "name", hash = "sha256:…"}, …]</c>.</summary>
    internal static ImmutableArray<LockedFile> Files(TomlArray array)
    {
        var files = new LockedFileList();
        foreach (var item in array.Items)
        {
            var table = item.AsTable();
            var name = table.Value("file");
            var hash = table.Value("hash");
            files.Add(new(LockedValues.FileName(name, name.AsText()), LockedValues.Digest(hash), hash.Position), hash);
        }

        return files.ToImmutable();
    }

    private static string FormatVersion(TomlTable metadata)
    {
        if (metadata.Find("lock-version")?.Value is not { } value)
        {
            return "0";
        }

        var text = value.AsText();
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (!int.TryParse(dot < 0 ? text : text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || (dot >= 0 && !int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            throw value.Invalid($"must be a version such as 2.1, found '{LockedValues.Shown(text)}'.");
        }

        // Within a major version poetry itself promises that older readers understand the file.
        return major is >= 1 and <= NewestMajor
            ? text
            : throw value.Invalid(Fault.LockFormatUnknown, $"is {text}; poetry locks up to {NewestMajor}.x are read.");
    }

    private static LockedSource Source(TomlTable? source)
    {
        if (source is null)
        {
            return LockedSource.DefaultIndex;
        }

        var url = LockedValues.OptionalPlace(source, "url") ?? "";
        var type = source.OptionalText("type");
        return type switch
        {
            "git" => new(LockedSourceKind.Git, $"{url}#{source.OptionalText("resolved_reference") ?? source.OptionalText("reference")}"),
            "url" => new(LockedSourceKind.Url, url),
            "file" => new(LockedSourceKind.File, url),
            "directory" => new(LockedSourceKind.Folder, url),
            "legacy" or null => new(LockedSourceKind.Index, url),
            _ => throw source.Value("type").Invalid($"must be git, url, file, directory or legacy, found '{LockedValues.Shown(type)}'."),
        };
    }

    /// <summary>One marker for all, or one per dependency group.</summary>
    private static ImmutableArray<string> Markers(TomlValue? value)
    {
        switch (value)
        {
            case null:
                return [];
            case TomlTable groups:
                var markers = ImmutableArray.CreateBuilder<string>(groups.Entries.Count);
                foreach (var group in groups.Entries)
                {
                    markers.Add($"{group.Key}: {group.Value.AsText()}");
                }

                return markers.MoveToImmutable();
            default:
                return [value.AsText()];
        }
    }
}
