using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>NuGet's packages.lock.json of version 1 and 2: packages by target framework. A framework that has another version makes a second one.</summary>
internal static class NuGetLock
{
    private const int NewestVersion = 2;

    public static bool Recognises(TomlTable root) => root.Find("version")?.Value is TomlInteger && root.Find("dependencies")?.Value is TomlTable;

    public static Lockfile Read(TomlTable root, string path)
    {
        var version = root.Value("version");
        if (version.AsInteger() is < 1 or > NewestVersion)
        {
            throw version.Invalid(Fault.LockFormatUnknown, $"is {version.AsInteger()}; locks of NuGet up to version {NewestVersion} are read.");
        }

        var list = new LockedPackageList(Ecosystem.NuGet);
        foreach (var framework in root.Table("dependencies").Entries)
        {
            foreach (var entry in framework.Value.AsTable().Entries)
            {
                // Another project of the solution has no version of its own.
                if (entry.Value.AsTable() is var table && table.OptionalText("type") is not "Project")
                {
                    list.Merge(Package(entry, table, framework.Key));
                }
            }
        }

        return list.ToLockfile(path, "nuget", version.AsInteger().ToString(CultureInfo.InvariantCulture));
    }

    private static LockedPackage Package(TomlEntry entry, TomlTable table, string framework)
    {
        var written = LockedValues.Name(entry, entry.Key, Ecosystem.NuGet);
        var name = Ecosystem.NuGet.Normalize(written);
        var version = LockedValues.Version(table.Value("resolved"));
        return new(name, written, version, Files(table, name, version), entry.Position)
        {
            Key = PythonName.Normalize(name),
            Markers = [framework],
        };
    }

    /// <summary>The digest is of the package as a feed has it, in base64.</summary>
    private static ImmutableArray<LockedFile> Files(TomlTable table, string name, string version)
    {
        var hash = table.Value("contentHash");
        return [new($"{name}.{version.ToLowerInvariant()}.nupkg", LockedValues.Base64(hash, LockDigestKind.Sha512, hash.AsText()), hash.Position)];
    }
}
