using System.Collections.Immutable;
using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>
/// Cargo.lock of versions 1 to 4. Version 1 keeps the digests in <c>[metadata]</c> under <c>checksum NAME VERSION (SOURCE)</c>; since version
/// 2 they are with the package, and since version 3 the file says its version.
/// </summary>
internal static class CargoLock
{
    private const int NewestVersion = 4;
    private const string Checksum = "checksum ";

    /// <summary>A crate that is locked without digest says so in version 1.</summary>
    private const string NoChecksum = "<none>";

    /// <summary>Old files have no version; of those a crate with its registry is the only sign.</summary>
    public static bool Recognises(TomlTable root) =>
        root.Find("package")?.Value is TomlArray
        && (root.Find("version")?.Value is TomlInteger || Checksums(root).Any() || root.Tables("package").Any(IsCrate));

    public static Lockfile Read(TomlTable root, string path)
    {
        var version = root.OptionalInteger("version");
        if (version is not (null or (>= 3 and <= NewestVersion)))
        {
            throw root.Value("version").Invalid(Fault.LockFormatUnknown, $"is {version}; Cargo locks up to version {NewestVersion} are read.");
        }

        var old = Checksums(root).ToDictionary(entry => entry.Key[Checksum.Length..], StringComparer.Ordinal);
        var list = new LockedPackageList(Ecosystem.Cargo);
        foreach (var table in root.Tables("package"))
        {
            list.Add(Package(table, old));
        }

        return list.ToLockfile(path, "cargo", version?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? (old.Count > 0 ? "1" : "2"));
    }

    private static bool IsCrate(TomlTable package) =>
        package.Find("checksum") is not null || (package.Find("source")?.Value is TomlText { Value: var source } && source.Contains('+', StringComparison.Ordinal));

    private static IEnumerable<TomlEntry> Checksums(TomlTable root) =>
        root.Find("metadata")?.Value is TomlTable metadata ? metadata.Entries.Where(entry => entry.Key.StartsWith(Checksum, StringComparison.Ordinal)) : [];

    private static LockedPackage Package(TomlTable table, Dictionary<string, TomlEntry> old)
    {
        var name = LockedValues.Name(table, Ecosystem.Cargo);
        var version = LockedValues.Version(table.Value("version"));
        var checksum = table.Find("checksum")?.Value ?? old.GetValueOrDefault($"{name} {version} ({table.OptionalText("source")})")?.Value;
        return new(name, name, version, Files(name, version, checksum), table.Position)
        {
            Key = PythonName.Normalize(name),
            Source = Source(table.Find("source")?.Value),
        };
    }

    private static ImmutableArray<LockedFile> Files(string name, string version, TomlValue? checksum) => checksum is null || checksum.AsText() is NoChecksum
        ? []
        : [new($"{name}-{version}.crate", LockedValues.Digest(checksum), checksum.Position)];

    /// <summary><c>registry+URL</c>, <c>sparse+URL</c> or <c>git+URL#COMMIT</c>; none for the project's own crates.</summary>
    private static LockedSource Source(TomlValue? source) => (source is null ? null : LockedValues.Place(source)) switch
    {
        null => new(LockedSourceKind.Folder, ""),
        var text when text.StartsWith("registry+", StringComparison.Ordinal) || text.StartsWith("sparse+", StringComparison.Ordinal) => new(LockedSourceKind.Index, text),
        var text when text.StartsWith("git+", StringComparison.Ordinal) => new(LockedSourceKind.Git, text),
        var text when text.StartsWith("path+", StringComparison.Ordinal) => new(LockedSourceKind.Folder, text),
        var text => throw source!.Invalid($"must be registry+, sparse+, git+ or path+ with a URL, found '{LockedValues.Shown(text)}'."),
    };
}
