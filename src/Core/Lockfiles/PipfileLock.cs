using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>Pipfile.lock of pipfile-spec 6: packages by group, with digests that have no file names.</summary>
internal static class PipfileLock
{
    private const int KnownSpec = 6;
    private const string Meta = "_meta";

    public static bool Recognises(TomlTable root) => root.Find(Meta)?.Value is TomlTable meta && meta.Find("pipfile-spec") is not null;

    public static Lockfile Read(TomlTable root, string path)
    {
        var spec = root.Table(Meta).Value("pipfile-spec");
        if (spec.AsInteger() is not KnownSpec)
        {
            throw spec.Invalid(Fault.LockFormatUnknown, $"is {spec.AsInteger()}; Pipfile locks of pipfile-spec {KnownSpec} are read.");
        }

        var list = new LockedPackageList(Ecosystem.Python);
        foreach (var group in root.Entries.Where(entry => entry.Key is not Meta))
        {
            foreach (var entry in group.Value.AsTable().Entries)
            {
                list.Merge(Package(entry, entry.Value.AsTable(), group.Key));
            }
        }

        return list.ToLockfile(path, "pipenv", KnownSpec.ToString(CultureInfo.InvariantCulture));
    }

    private static LockedPackage Package(TomlEntry entry, TomlTable table, string group)
    {
        var written = LockedValues.Name(entry, entry.Key, Ecosystem.Python);
        var source = Source(table);
        return new(PythonName.Normalize(written), written, Version(table, source), [], entry.Position)
        {
            Source = source,
            Markers = table.OptionalText("markers") is { } markers ? [$"{group}: {markers}"] : [group],
            NamelessDigests = table.OptionalArray("hashes") is { } hashes ? Digests(hashes) : [],
        };
    }

    private static ImmutableArray<LockDigest> Digests(TomlArray array) => [.. array.Items.Select(item => (LockDigest)LockedValues.Digest(item))];

    /// <summary><c>==1.2.3</c>; of a repository or a folder there is none.</summary>
    private static string Version(TomlTable table, LockedSource source)
    {
        if (table.Find("version")?.Value is not { } value)
        {
            return source.Kind is LockedSourceKind.Index ? throw table.Missing("version") : "dynamic";
        }

        return value.AsText() is ['=', '=', .. var version]
            ? LockedValues.Version(value, version.TrimStart('='))
            : throw value.Invalid($"must be == and a version, found '{LockedValues.Shown(value.AsText())}'.");
    }

    private static LockedSource Source(TomlTable table) =>
        LockedValues.OptionalPlace(table, "git") is { } git ? new(LockedSourceKind.Git, $"{git}#{table.OptionalText("ref")}")
        : table.OptionalText("path") is { } path ? new(LockedSourceKind.Folder, path)
        : LockedValues.OptionalPlace(table, "file") is { } file ? new(LockedSourceKind.Url, file)
        : new(LockedSourceKind.Index, table.OptionalText("index") ?? "");
}
