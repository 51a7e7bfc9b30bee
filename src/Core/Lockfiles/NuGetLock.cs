using System.Globalization;
using System.Text.Json;

namespace DotnetRelease.Lockfiles;

/// <summary>
/// packages.lock.json of NuGet, version 1 and 2 (central versions): for each target framework the packages with the sha512 of their content.
/// A package of several frameworks is one package with several markers.
/// </summary>
internal static class NuGetLock
{
    private const int NewestVersion = 2;
    private const int DepthLimit = 16;

    public static bool Recognises(JsonPlace root) => root.Find("version")?.Kind is JsonTokenType.Number && root.Find("dependencies")?.Kind is JsonTokenType.StartObject;

    public static Lockfile Read(ReadOnlySpan<byte> utf8, string path)
    {
        var root = JsonPlace.Parse(utf8, path, DepthLimit);
        if (!Recognises(root))
        {
            throw new ReleaseException(Fault.LockFormatUnknown, "The file is JSON, but has no 'version' and 'dependencies' as NuGet's packages.lock.json.", root.Position);
        }

        var version = root.Find("version")!;
        if (!int.TryParse(version.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > NewestVersion)
        {
            throw new ReleaseException(Fault.LockFormatUnknown, $"'version' is {version.Text}; NuGet locks of version 1 to {NewestVersion} are read.", version.Position);
        }

        var packages = new Dictionary<(string Name, string Version), LockedPackage>();
        foreach (var (framework, _, dependencies) in root.Find("dependencies")!.Members)
        {
            foreach (var (name, at, entry) in dependencies.Members)
            {
                // A project of the same solution is no package that anybody downloads.
                if (entry.Find("type")?.Text is not "Project")
                {
                    Add(packages, framework, Package(name, at, entry));
                }
            }
        }

        var list = new LockedPackageList();
        foreach (var package in packages.Values)
        {
            list.Add(package);
        }

        return list.ToLockfile(path, "nuget", version.Text) with { Ecosystem = Ecosystem.NuGet };
    }

    private static void Add(Dictionary<(string Name, string Version), LockedPackage> packages, string framework, LockedPackage package)
    {
        var key = (package.Name, package.Version);
        if (!packages.TryGetValue(key, out var known))
        {
            packages.Add(key, package with { Markers = [framework] });
        }
        else if (known.Files[0].Digest == package.Files[0].Digest)
        {
            packages[key] = known with { Markers = known.Markers.Add(framework) };
        }
        else
        {
            throw new ReleaseException(
                Fault.LockMalformed, $"{package.Name} {package.Version} has another contentHash than at {known.Files[0].Position}.", package.Files[0].Position);
        }
    }

    private static LockedPackage Package(string name, SourcePosition at, JsonPlace entry)
    {
        const int lengthLimit = 100;
        if (name.Length is 0 or > lengthLimit || !SafeName.IsPlain(name, "._-") || !(char.IsAsciiLetterOrDigit(name[0]) || name[0] is '_'))
        {
            throw new ReleaseException(Fault.LockMalformed, $"'{LockedValues.Shown(name)}' is no name of a package.", at);
        }

        var version = Text(entry, "resolved", name);
        if (version.Text.Length is 0 or > lengthLimit || !SafeName.IsPlain(version.Text, "._+-"))
        {
            throw version.Invalid($"'resolved' of {name} must be a version, found '{LockedValues.Shown(version.Text)}'.");
        }

        var hash = Text(entry, "contentHash", name);
        var normal = name.ToLowerInvariant();
        return LockDigest.TryFromBase64(HashKind.Sha512, hash.Text, out var digest)
            ? new(normal, name, version.Text, [new($"{normal}.{version.Text.ToLowerInvariant()}.nupkg", digest, hash.Position)], at)
            : throw hash.Invalid($"'contentHash' of {name} must be the base64 text of 64 bytes (sha512), found '{LockedValues.Shown(hash.Text)}'.");
    }

    private static JsonPlace Text(JsonPlace entry, string key, string name) => entry.Find(key) switch
    {
        { Kind: JsonTokenType.String } value => value,
        null => throw entry.Invalid($"{name} has no '{key}'."),
        var other => throw other.Invalid($"'{key}' of {name} must be a text."),
    };
}
