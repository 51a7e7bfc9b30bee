using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace DotnetRelease.Lockfiles;

/// <summary>
/// go.sum: a line for the files of a module's version and one for its go.mod, <c>MODULE VERSION[/go.mod] h1:BASE64</c>. Of versions that the
/// module graph has and the build does not use there is the go.mod alone.
/// </summary>
internal static partial class GoSum
{
    private const string OnlyMod = "/go.mod";
    private const string Hash = "h1:";
    private const int DigestBytes = 32;

    /// <summary>Whether the first line that says something is one of such a file.</summary>
    public static bool Recognises(ReadOnlySpan<char> line) => Line().IsMatch(line);

    public static Lockfile Read(LockText text)
    {
        var list = new LockedPackageList(Ecosystem.Go);
        var seen = new Dictionary<(string, string), LockedPackage>();
        for (var at = 0; at < text.Lines.Length; at++)
        {
            if (text.Lines[at].Trim().Length > 0)
            {
                var (name, version, file) = ReadLine(text, at);
                var known = seen.GetValueOrDefault((name, version));
                seen[(name, version)] = known is null
                    ? new(name, name, version, [file], text.At(at)) { Key = PythonName.Normalize(name) }
                    : known with { Files = WithFile(text, at, known, file) };
            }
        }

        foreach (var package in seen.Values)
        {
            list.Add(package.Files.Any(file => file.Name.EndsWith(".zip", StringComparison.Ordinal)) ? package : package with { Markers = ["go.mod only"] });
        }

        return list.ToLockfile(text.Path, "go", "1");
    }

    private static (string Name, string Version, LockedFile File) ReadLine(LockText text, int at)
    {
        var line = text.Lines[at];
        if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var name, var said, var hash])
        {
            throw text.Invalid(at, 0, "A line has to be: module, version, h1: and a digest.");
        }

        var isMod = said.EndsWith(OnlyMod, StringComparison.Ordinal);
        var version = isMod ? said[..^OnlyMod.Length] : said;
        if (!Ecosystem.Go.IsName(name) || !version.StartsWith('v') || !SafeName.IsPlain(version, "._+!-"))
        {
            throw text.Invalid(at, 0, $"'{LockedValues.Shown(name)} {LockedValues.Shown(said)}' is no module path with a version such as v1.2.3.");
        }

        Span<byte> bytes = stackalloc byte[DigestBytes];
        if (!hash.StartsWith(Hash, StringComparison.Ordinal) || hash.Length > 2 * DigestBytes || !Convert.TryFromBase64String(hash[Hash.Length..], bytes, out var written) || written is not DigestBytes)
        {
            throw text.Invalid(at, line.LastIndexOf(hash, StringComparison.Ordinal), $"The digest has to be h1: and {DigestBytes} bytes in base64, found '{LockedValues.Shown(hash)}'.");
        }

        var digest = new LockDigest(LockDigestKind.GoModule, Convert.ToHexStringLower(bytes));
        return (name, version, new LockedFile(version + (isMod ? ".mod" : ".zip"), digest, text.At(at, line.LastIndexOf(hash, StringComparison.Ordinal))));
    }

    private static ImmutableArray<LockedFile> WithFile(LockText text, int at, LockedPackage known, LockedFile file)
    {
        var first = known.Files.FirstOrDefault(other => other.Name == file.Name);
        return first is null ? known.Files.Add(file)
            : first.Digest == file.Digest ? known.Files
            : throw text.Invalid(at, 0, $"{known.Name} {known.Version} has another digest at {first.Position}.");
    }

    [GeneratedRegex(@"^\S+ v\S+ h1:\S+\s*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();
}
